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
	sayBusy = phrase{
		english:     "Many are asking right now. This is what your material says:",
		french:      "Beaucoup d'élèves posent des questions en ce moment. Voici ce que disent vos documents :",
		swahili:     "Wengi wanauliza sasa hivi. Hivi ndivyo nyenzo zenu zinavyosema:",
		kinyarwanda: "Benshi barimo kubaza ubu. Dore icyo inyandiko zanyu zibivugaho:",
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
