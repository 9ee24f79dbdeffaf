package tutor

// What a persona says that leads pupils to the answer.
var (
	sayLook = phrase{
		english: "Let us find it together. Read here:", french: "Cherchons ensemble. Lis ici :",
		swahili: "Tutafute pamoja. Soma hapa:", kinyarwanda: "Dushakire hamwe. Soma hano:",
	}
	sayTry = phrase{
		english:     "Try it yourself first, and write to me: “I tried: …”",
		french:      "Essaie d'abord toi-même, puis écris-moi : « J'ai essayé : … »",
		swahili:     "Jaribu mwenyewe kwanza, kisha niandikie: “Nimejaribu: …”",
		kinyarwanda: "Banza ugerageze wowe ubwawe, unyandikire: “Nagerageje: …”",
	}
	sayOnceMore = phrase{
		english:     "You get the answer after two tries. You have tried so often:",
		french:      "Tu auras la réponse après deux essais. Tes essais jusqu'ici :",
		swahili:     "Utapata jibu baada ya kujaribu mara mbili. Umejaribu mara:",
		kinyarwanda: "Uhabwa igisubizo umaze kugerageza kabiri. Umaze kugerageza inshuro:",
	}
	sayThere = phrase{
		english: "This stands there in your material, too:", french: "Cela se trouve aussi dans le texte :",
		swahili: "Haya yamo pia katika nyenzo zenu:", kinyarwanda: "Ibi biri no mu nyandiko zanyu:",
	}
	sayNotThere = phrase{
		english: "This does not stand there:", french: "Cela ne s'y trouve pas :",
		swahili: "Haya hayamo hapo:", kinyarwanda: "Ibi ntibirimo:",
	}
	sayNothingThere = phrase{
		english:     "I cannot find your try in that place of the material yet.",
		french:      "Je ne retrouve pas encore ton essai à cet endroit du texte.",
		swahili:     "Bado sioni jaribio lako mahali hapo katika nyenzo.",
		kinyarwanda: "Ibyo wagerageje sindabibona aho hantu mu nyandiko.",
	}
	sayWellTried = phrase{
		english: "Well tried! Compare it with what your material says:", french: "Bien essayé ! Compare avec ce que dit le texte :",
		swahili: "Umejaribu vizuri! Linganisha na nyenzo zenu zinavyosema:", kinyarwanda: "Wagerageje neza! Gereranya n'ibyo inyandiko zanyu zivuga:",
	}
	sayReadIt = phrase{
		english: "You have tried twice. This is what your material says:", french: "Tu as essayé deux fois. Voici ce que dit le texte :",
		swahili: "Umejaribu mara mbili. Hivi ndivyo nyenzo zenu zinavyosema:", kinyarwanda: "Wagerageje kabiri. Dore icyo inyandiko zanyu zivuga:",
	}
	sayGap = phrase{
		english: "What stands in the gaps?", french: "Que faut-il mettre dans les trous ?",
		swahili: "Jaza mapengo:", kinyarwanda: "Uzuza ahabura:",
	}
	askNumber = phrase{
		english: "Which number do you find there, and what is it the number of?", french: "Quel nombre y trouves-tu, et de quoi est-ce le nombre ?",
		swahili: "Unapata nambari gani hapo, na ni ya nini?", kinyarwanda: "Uhabona uwuhe mubare, kandi ni uw'iki?",
	}
	askRule = phrase{
		english: "Which numbers are you given, and which rule joins them?", french: "Quels nombres te donne-t-on, et quelle règle les relie ?",
		swahili: "Umepewa nambari zipi, na kanuni ipi inaziunganisha?", kinyarwanda: "Wahawe iyihe mibare, kandi ni irihe hame riyihuza?",
	}
	askName = phrase{
		english: "Which name do you find there, and what did they do?", french: "Quel nom y trouves-tu, et qu'a fait cette personne ?",
		swahili: "Unapata jina gani hapo, na alifanya nini?", kinyarwanda: "Uhabona irihe zina, kandi yakoze iki?",
	}
	askReason = phrase{
		english: "Which reason does the text give? Look for “because”, “so” or “if”.", french: "Quelle raison donne le texte ? Cherche « car », « donc » ou « si ».",
		swahili: "Maandishi yanatoa sababu gani? Tafuta “kwa sababu” au “kwa hiyo”.", kinyarwanda: "Inyandiko itanga iyihe mpamvu? Shaka “kubera” cyangwa “kuko”.",
	}
	askOrder = phrase{
		english: "What comes first there, and what after that?", french: "Qu'est-ce qui vient d'abord, et ensuite ?",
		swahili: "Nini huja kwanza hapo, na nini baadaye?", kinyarwanda: "Ni iki kibanza, hanyuma hagakurikira iki?",
	}
	askBoth = phrase{
		english: "What does the text say of the one, and what of the other?", french: "Que dit le texte de l'un, et que dit-il de l'autre ?",
		swahili: "Maandishi yanasema nini kuhusu kimoja, na nini kuhusu kingine?", kinyarwanda: "Inyandiko ivuga iki kuri kimwe, kandi ivuga iki ku kindi?",
	}
	askWhether = phrase{
		english: "Does the text say so? Which sentence shows it?", french: "Le texte le dit-il ? Quelle phrase le montre ?",
		swahili: "Je, maandishi yanasema hivyo? Sentensi ipi inaonyesha?", kinyarwanda: "Ese inyandiko irabivuga? Ni iyihe nteruro ibigaragaza?",
	}
	askWords = phrase{
		english: "Which words there tell you what is asked?", french: "Quels mots te disent ce qui est demandé ?",
		swahili: "Maneno gani hapo yanakuambia kinachoulizwa?", kinyarwanda: "Ni ayahe magambo akubwira icyo babaza?",
	}
)
