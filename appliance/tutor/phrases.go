package tutor

// phrase is a sentence that the tutor says without a model, by language.
type phrase map[string]string

// in returns the phrase in a language, in English where there is none.
func (p phrase) in(language string) string {
	if s, ok := p[language]; ok {
		return s
	}
	return p[english]
}

var (
	sayNotFound = phrase{
		english:     "I could not find this in your material. Try other words, or ask your teacher to add something about it.",
		french:      "Je n'ai pas trouvé cela dans vos documents. Essayez avec d'autres mots, ou demandez à votre enseignant d'ajouter un document à ce sujet.",
		swahili:     "Sikupata jambo hili katika nyenzo zenu. Jaribu kuuliza kwa maneno mengine, au mwombe mwalimu aongeze nyenzo kulihusu.",
		kinyarwanda: "Ibi sinabibonye mu nyandiko zanyu. Gerageza gukoresha andi magambo, cyangwa usabe umwarimu kongeramo inyandiko ibivugaho.",
	}
	sayNoMaterial = phrase{
		english:     "There is no material on this box yet. Ask your teacher to add some.",
		french:      "Il n'y a pas encore de documents sur cette boîte. Demandez à votre enseignant d'en ajouter.",
		swahili:     "Bado hakuna nyenzo katika kisanduku hiki. Mwombe mwalimu aongeze.",
		kinyarwanda: "Nta nyandiko ziri muri iki gisanduku. Saba umwarimu kuzongeramo.",
	}
	// sayElsewhere is the frame of sentences in another language.
	sayElsewhere = phrase{
		english:     "Your material says, in another language:",
		french:      "Voici la réponse, dans la langue de vos documents :",
		swahili:     "Jibu liko hapa, katika lugha ya nyenzo zenu:",
		kinyarwanda: "Igisubizo kiri hano, mu rurimi rw'inyandiko zanyu:",
	}
	sayList = phrase{
		english: "This is the list in your material:", french: "Voici la liste de vos documents :",
		swahili: "Hii ndiyo orodha katika nyenzo zenu:", kinyarwanda: "Dore urutonde ruri mu nyandiko zanyu:",
	}
	sayHelp = phrase{
		english:     "I am glad to help. Tell me which subject it is, and write me one question from it. I look for the answer in your material, show you where it stands, and work out sums step by step. I can also explain a word, make a short summary of a unit, or ask you a question to practise.",
		french:      "Je t'aide volontiers. Dis-moi de quelle matière il s'agit et écris-moi une question. Je cherche la réponse dans vos documents, je te montre où elle se trouve et je fais les calculs étape par étape. Je peux aussi expliquer un mot, résumer une unité ou te poser une question.",
		swahili:     "Nitafurahi kukusaidia. Niambie ni somo gani, kisha andika swali moja. Nitatafuta jibu katika nyenzo zenu na kukuonyesha lilipo. Naweza pia kueleza neno, kufupisha mada, au kukuuliza swali la zoezi.",
		kinyarwanda: "Nishimiye kugufasha. Mbwira isomo iryo ari ryo, unyandikire ikibazo kimwe. Ndashaka igisubizo mu nyandiko zanyu nkwereke aho kiri. Nshobora no kugusobanurira ijambo, gukora incamake, cyangwa kukubaza ikibazo cyo kwimenyereza.",
	}
	sayPractise = phrase{
		english:     "Here is a question for you:",
		french:      "Voici une question pour toi :",
		swahili:     "Hili hapa swali lako:",
		kinyarwanda: "Dore ikibazo cyawe:",
	}
	sayTellMe = phrase{
		english:     "What can you say, in two or three sentences, about",
		french:      "Que peux-tu dire, en deux ou trois phrases, de",
		swahili:     "Unaweza kusema nini, kwa sentensi mbili au tatu, kuhusu",
		kinyarwanda: "Wavuga iki, mu nteruro ebyiri cyangwa eshatu, kuri",
	}
	sayReadThere = phrase{
		english:     "Write me your answer. You can read about it here:",
		french:      "Écris-moi ta réponse. Tu peux lire à ce sujet ici :",
		swahili:     "Niandikie jibu lako. Unaweza kusoma kuhusu hilo hapa:",
		kinyarwanda: "Nyandikira igisubizo cyawe. Ushobora kubisoma hano:",
	}
	sayOtherwise = phrase{
		english:     "Your material also says it like this:",
		french:      "Vos documents le disent aussi ainsi :",
		swahili:     "Nyenzo zenu zinasema pia hivi:",
		kinyarwanda: "Inyandiko zanyu zibivuga no muri ubu buryo:",
	}
	sayTranslated = phrase{
		english:     "(translated by the machine)",
		french:      "(traduit par la machine)",
		swahili:     "(imetafsiriwa na mashine)",
		kinyarwanda: "(byahinduwe n'imashini)",
	}
	sayDiffer = phrase{
		english:     "Your documents do not say the same. Compare them, and ask your teacher which is right:",
		french:      "Vos documents ne disent pas la même chose. Comparez-les et demandez à votre enseignant lequel a raison :",
		swahili:     "Nyenzo zenu hazisemi jambo moja. Linganisha, na umwulize mwalimu ipi ni sahihi:",
		kinyarwanda: "Inyandiko zanyu ntizivuga kimwe. Zigereranye, ubaze umwarimu iy'ukuri:",
	}
	sayPartNotFound = phrase{
		english:     "I could not find this in your material.",
		french:      "Je n'ai pas trouvé cela dans vos documents.",
		swahili:     "Sikupata jambo hili katika nyenzo zenu.",
		kinyarwanda: "Ibi sinabibonye mu nyandiko zanyu.",
	}
	sayFewer = phrase{
		english:     "These were many questions. Ask me the others one by one.",
		french:      "Cela fait beaucoup de questions. Pose-moi les autres une par une.",
		swahili:     "Maswali ni mengi. Niulize mengine moja baada ya jingine.",
		kinyarwanda: "Ibibazo ni byinshi. Ibindi bimbaze kimwe kimwe.",
	}
	sayPassages = phrase{
		english:     "This is what your material says:",
		french:      "Voici ce que disent vos documents :",
		swahili:     "Hivi ndivyo nyenzo zenu zinavyosema:",
		kinyarwanda: "Dore icyo inyandiko zanyu zibivugaho:",
	}
	sayCannotWrite = phrase{
		english:     "I cannot write well enough in this language, so here is what your material says, word for word:",
		swahili:     "Siwezi bado kuandika Kiswahili vizuri, kwa hiyo haya ndiyo maneno yenyewe ya nyenzo zenu:",
		kinyarwanda: "Sindamenya kwandika neza Ikinyarwanda, none dore ibyo inyandiko zanyu zivuga, uko biri:",
		french:      "Je n'écris pas assez bien dans cette langue ; voici ce que disent vos documents, mot pour mot :",
	}
	sayGeneral = phrase{
		english:     "This is not in your material. It is what I know in general, and it may be wrong:",
		french:      "Ce n'est pas dans vos documents. C'est ce que je sais en général, et cela peut être faux :",
		swahili:     "Hili halimo katika nyenzo zenu. Ni ninalolijua kwa jumla, na linaweza kuwa na makosa:",
		kinyarwanda: "Ibi ntibiri mu nyandiko zanyu. Ni ibyo nzi muri rusange, kandi bishobora kuba atari byo:",
	}
	sayBudget = phrase{
		english:     "(The school's budget for the bigger model is used up for today; the box's own model has answered.)",
		french:      "(Le budget de l'école pour le grand modèle est épuisé pour aujourd'hui ; le modèle de la boîte a répondu.)",
		swahili:     "(Bajeti ya shule ya modeli kubwa imeisha kwa leo; modeli ya kisanduku imejibu.)",
		kinyarwanda: "(Ingengo y'imari y'ishuri yagenewe porogaramu nini yarangiye uyu munsi; iyo mu gisanduku ni yo yasubije.)",
	}
	sayRemembered = phrase{
		english:     "Good to know! I will keep it in mind. You can see and delete what I remember on your own page.",
		french:      "C'est bon à savoir ! Je m'en souviendrai. Tu peux voir et effacer ce que je retiens sur ta page.",
		swahili:     "Ni vizuri kujua! Nitakumbuka. Unaweza kuona na kufuta ninayokumbuka kwenye ukurasa wako.",
		kinyarwanda: "Ni byiza kubimenya! Nzabyibuka. Ushobora kureba no gusiba ibyo nibuka ku rupapuro rwawe.",
	}
	sayHello = phrase{
		english:     "Hello! Ask me anything about your lessons.",
		french:      "Bonjour ! Posez-moi une question sur vos leçons.",
		swahili:     "Habari! Niulize swali lolote kuhusu masomo yako.",
		kinyarwanda: "Muraho! Mbaza ikibazo cyose ku masomo yawe.",
	}
	sayWelcome = phrase{
		english:     "You are welcome! Ask me when you want to know more.",
		french:      "De rien ! Posez-moi une autre question quand vous voulez.",
		swahili:     "Karibu! Niulize tena ukitaka kujua zaidi.",
		kinyarwanda: "Nta kibazo! Mbaza igihe ushaka kumenya ibindi.",
	}
)

// greetings and thanks, by the language they are said in. Accents are off.
var (
	greetings = map[string]string{
		"hello": english, "hi": english, "hey": english, "morning": english, "afternoon": english, "evening": english,
		"bonjour": french, "bonsoir": french, "salut": french, "coucou": french,
		"habari": swahili, "jambo": swahili, "hujambo": swahili, "hamjambo": swahili, "mambo": swahili, "shikamoo": swahili, "salamu": swahili,
		"muraho": kinyarwanda, "mwaramutse": kinyarwanda, "mwiriwe": kinyarwanda, "bite": kinyarwanda, "amakuru": kinyarwanda,
	}
	thanks = map[string]string{
		"thanks": english, "thank": english, "merci": french, "asante": swahili, "asanteni": swahili,
		"murakoze": kinyarwanda, "urakoze": kinyarwanda,
	}
	// pleasantries may stand beside a greeting without making it a question.
	pleasantries = set(`you are there good how very much so teacher tutor sir madam dear everyone again all
		a tous toi vous ca va comment allez beaucoup bien professeur maitre maitresse
		sana mwalimu za asubuhi mchana jioni leo yako gani nzuri wewe
		cyane mwarimu neza yawe yanyu`)
)

// smallTalk returns the reply to a text that only greets or thanks.
func smallTalk(text string) (reply string, gesture string, ok bool) {
	said := words(text)
	if len(said) == 0 || len(said) > 6 {
		return "", "", false
	}
	var hello, thank string
	for _, w := range said {
		switch {
		case thanks[w] != "":
			thank = thanks[w]
		case greetings[w] != "":
			hello = greetings[w]
		case !pleasantries[w]:
			return "", "", false
		}
	}
	switch {
	case thank != "":
		return sayWelcome.in(thank), gestureNod, true
	case hello != "":
		return sayHello.in(hello), gestureWave, true
	}
	return "", "", false
}
