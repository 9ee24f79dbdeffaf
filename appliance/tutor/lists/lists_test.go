package lists

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/internal/text"
)

// material is a small library, in the order of its sources.
var material = []Text{
	{Source: "soil", Seq: 0, Heading: "Unit 3: Soil", Text: "Soil is the loose top layer of the land. Plants grow in it. There are three types of soil: sand, clay and loam. Loam is the best one for a garden."},
	{Source: "soil", Seq: 1, Heading: "Unit 3: Soil › Making compost", Text: "Compost is food for the soil. To make it, do this:\n1. Choose a shady place.\n2. Lay down a bed of dry sticks.\n3. Add green leaves and kitchen waste.\nStir it in well."},
	{Source: "soil", Seq: 2, Heading: "Unit 3: Soil › Making compost", Text: "To make it, do this:\n3. Add green leaves and kitchen waste.\nStir it in well.\n4. Cover the heap with soil.\n5. Turn the heap after three weeks.\n\nGood compost smells of the forest."},
	{Source: "soil", Seq: 3, Heading: "Unit 3: Soil › Erosion", Text: "Erosion carries the soil away. Its main causes are heavy rain, strong wind, steep slopes and too many goats.\n\nFarmers fight it with terraces. They also plant grass strips."},
	{Source: "soil", Seq: 4, Heading: "Unit 3: Soil › Layers of the soil", Text: "Layer | Colour | What lives there\nHumus | black | worms\nTopsoil | dark brown | roots\nSubsoil | light brown | few roots", Table: true},

	{Source: "soil", Seq: 5, Heading: "Unit 3: Soil › Animals of the soil", Text: "Animal | Food | Legs\nEarthworm | dead leaves | none\nTermite | wood | six", Table: true},
	{Source: "soil", Seq: 6, Heading: "Unit 3: Soil › Animals of the soil", Text: "Animal | Food | Legs\nMillipede | rotten plants | many", Table: true},

	{Source: "cholera", Seq: 0, Heading: "Cholera", Text: "Cholera is an illness of the bowels. A germ in dirty water brings it."},
	{Source: "cholera", Seq: 1, Heading: "Cholera › Signs of cholera", Text: "- watery diarrhoea\n- vomiting\n- thirst\n- weak legs"},
	{Source: "cholera", Seq: 2, Heading: "Cholera › Danger signs", Text: "- sunken eyes\n- no urine\n- a very weak pulse"},
	{Source: "cholera", Seq: 3, Heading: "Cholera › Ways to prevent cholera", Text: "• Drink boiled water.\n• Wash your hands with soap.\n• Use a latrine.\n• Cover all food."},
	{Source: "cholera", Seq: 4, Heading: "Cholera › Clean water", Text: "Water is made safe like this: 1. Filter it through a cloth. 2. Boil it for ten minutes. 3. Let it cool in a covered pot. A covered pot keeps flies away."},

	{Source: "rocks", Seq: 0, Heading: "Kinds of rock", Text: "Igneous rock. It forms when hot magma cools down. Granite is one.\n\nSedimentary rock. It forms from layers of mud and sand that are pressed together.\n\nMetamorphic rock. It forms when heat and pressure change another rock."},
	{Source: "matter", Seq: 0, Heading: "Matter › The three states of matter › Solid", Text: "A solid keeps its shape and its volume."},
	{Source: "matter", Seq: 1, Heading: "Matter › The three states of matter › Liquid", Text: "A liquid keeps its volume and takes the shape of the vessel."},
	{Source: "matter", Seq: 2, Heading: "Matter › The three states of matter › Gas", Text: "A gas fills the whole vessel."},
	{Source: "matter", Seq: 3, Heading: "Matter › Force", Text: "A force is a push or a pull. To describe a force we need two features:\nIts size, which is measured in newtons.\nIts direction, which an arrow shows.\nA spring balance measures forces."},

	{Source: "blood", Seq: 0, Heading: "The blood", Text: "Blood is red because of iron. From the heart the blood flows through the arteries to all organs, then through the narrow capillaries, then through the veins, and finally back to the heart."},
	{Source: "blood", Seq: 1, Heading: "The blood › What blood is made of", Text: "Blood consists of plasma, red cells, white cells and platelets. White cells fight germs."},
	{Source: "story", Seq: 0, Heading: "Kamana and the bicycle", Text: "Kamana wanted to earn his own bicycle. First he sold eggs at the market of Gatare. The eggs came from his aunt. Then he carried bricks for a mason. Finally he mended shoes in the holidays. In the end the bicycle was blue."},
	{Source: "library", Seq: 0, Heading: "School life › Rules of the library", Text: "(a) Speak softly.\n(b) Wash your hands.\n(c) Bring each book back within two weeks.\n\nThe library opens at 8.30 a.m. on school days."},
	{Source: "flower", Seq: 0, Heading: "Flowers › Parts of a flower", Text: "The parts of a flower are:\n1. The sepals\n- They are green.\n- They protect the bud.\n2. The petals\n- They have bright colours.\n3. The stamens\n4. The pistil"},
	{Source: "energy", Seq: 0, Heading: "Energy sources", Text: "Sources of renewable energy are the sun, the wind, running water and biogas. Coal and oil are not renewable. Many countries, such as Kenya, Iceland and Italy, use the heat of the ground."},

	{Source: "current", Seq: 0, Heading: "Electricity › Current", Text: "The choice of a wire is important, as long as the current is strong, and it must be thick. Each type of wire is coated, bent and sold by the metre. Heat leaves the wire by conduction, convection and radiation.\nThe picture shows (a) a bare wire and (b) a coated wire with a plug."},
	{Source: "current", Seq: 1, Heading: "Electricity › Energy", Text: "We will learn about electrical energy, which comes in two forms: stored energy and moving energy. In the next three sections about Volta's laws of current we will meet three types of batteries: dry, wet and solar batteries. Current depends on two factors—the voltage and the resistance."},
	{Source: "sens", Seq: 0, Heading: "Les sens", Text: "Les cinq sens sont la vue, l'ouïe, l'odorat, le goût et le toucher. Chaque sens a son organe."},
	{Source: "savon", Seq: 0, Heading: "Fabriquer du savon", Text: "Il faut de l'huile et de la soude. Voici les étapes :\n1. Peser l'huile et la soude.\n2. Dissoudre la soude dans l'eau froide.\n3. Verser la soude dans l'huile.\n4. Remuer jusqu'à ce que la pâte épaississe."},
	{Source: "savon", Seq: 1, Heading: "Fabriquer du savon › Précautions", Text: "- Mettre des gants.\n- Garder les enfants loin de la soude."},
	{Source: "abeilles", Seq: 0, Heading: "Les abeilles", Text: "Il y a trois sortes d'abeilles dans une ruche : la reine, les ouvrières et les faux bourdons. La reine pond les œufs. D'abord l'œuf devient une larve. Ensuite la larve devient une nymphe. Enfin la nymphe devient une abeille."},

	{Source: "mahindi", Seq: 0, Heading: "Kilimo › Hatua za kupanda mahindi", Text: "1. Lima shamba kabla ya mvua.\n2. Chimba mashimo yenye kina cha sentimita tano.\n3. Weka mbolea kidogo.\n4. Weka mbegu mbili na ufunike."},
	{Source: "mahindi", Seq: 1, Heading: "Kilimo › Udongo", Text: "Kuna aina tatu za udongo: kichanga, mfinyanzi na tifutifu. Udongo wa tifutifu unafaa kwa bustani."},
	{Source: "kipindupindu", Seq: 0, Heading: "Afya › Dalili za kipindupindu", Text: "- kuhara maji\n- kutapika\n- kiu kali"},
	{Source: "kipindupindu", Seq: 1, Heading: "Afya › Njia za kuzuia kipindupindu", Text: "- Chemsha maji ya kunywa.\n- Nawa mikono kwa sabuni.\n- Tumia choo."},

	{Source: "ibigori", Seq: 0, Heading: "Ubuhinzi › Intambwe zo guhinga ibigori", Text: "1. Tegura umurima mbere y'imvura.\n2. Cukura imyobo.\n3. Shyiramo ifumbire.\n4. Tera imbuto ebyiri."},
	{Source: "ibigori", Seq: 1, Heading: "Ubuhinzi › Igihingwa", Text: "Ibice by'igihingwa ni imizi, uruti, amababi n'indabo. Imizi inyunyuza amazi."},
	{Source: "isuku", Seq: 0, Heading: "Isuku › Amabwiriza y'isuku", Text: "- Karaba intoki mbere yo kurya.\n- Oga buri munsi.\n- Mesa imyenda."},
}

// found are the texts that hold most of a question, best first, each followed by
// its neighbours, and its weighed terms.
func found(question, language string, from []Text) ([]string, text.Weights, []Text) {
	terms := text.Terms(question, language)
	df := make([]int, len(terms))
	var stems []map[string]bool
	for _, x := range from {
		s := text.Stems(x.Heading + " " + x.Text)
		stems = append(stems, s)
		for i, t := range terms {
			if s[text.Stem(t)] {
				df[i]++
			}
		}
	}
	w := text.Weigh(terms, 10*len(from), df)
	order := make([]int, len(from))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(w.Coverage(terms, stems[b]), w.Coverage(terms, stems[a]))
	})
	var texts []Text
	add := func(i int) {
		if i >= 0 && i < len(from) && !slices.Contains(texts, from[i]) {
			texts = append(texts, from[i])
		}
	}
	for _, i := range order[:min(6, len(order))] {
		add(i)
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < len(from) && from[j].Source == from[i].Source {
				add(j)
			}
		}
	}
	return terms, w, texts
}

// none is what a question gets that no list answers.
const none = ""

func TestFind(t *testing.T) {
	const (
		compost = "Choose a shady place.|Lay down a bed of dry sticks.|Add green leaves and kitchen waste. Stir it in well.|Cover the heap with soil.|Turn the heap after three weeks."
		signs   = "watery diarrhoea|vomiting|thirst|weak legs"
		danger  = "sunken eyes|no urine|a very weak pulse"
		prevent = "Drink boiled water.|Wash your hands with soap.|Use a latrine.|Cover all food."
		safe    = "Filter it through a cloth.|Boil it for ten minutes.|Let it cool in a covered pot."
		flower  = "The sepals|The petals|The stamens|The pistil"
		blood   = "plasma|red cells|white cells|platelets"
		savon   = "Peser l'huile et la soude.|Dissoudre la soude dans l'eau froide.|Verser la soude dans l'huile.|Remuer jusqu'à ce que la pâte épaississe."
		mahindi = "Lima shamba kabla ya mvua.|Chimba mashimo yenye kina cha sentimita tano.|Weka mbolea kidogo.|Weka mbegu mbili na ufunike."
		ibigori = "Tegura umurima mbere y'imvura.|Cukura imyobo.|Shyiramo ifumbire.|Tera imbuto ebyiri."
	)
	for _, test := range []struct{ language, question, want string }{
		{"en", "What are the steps for making compost?", compost},
		{"en", "How do you make compost?", compost},
		{"en", "give me the five steps of making compost in order", compost},
		{"en", "Which types of soil are there?", "sand|clay|loam"},
		{"en", "name the three kinds of soil", "sand|clay|loam"},
		{"en", "What are the causes of erosion?", "heavy rain|strong wind|steep slopes|too many goats"},
		{"en", "List four causes of soil erosion.", "heavy rain|strong wind|steep slopes|too many goats"},
		{"en", "What are the three layers of the soil?", "Humus|Topsoil|Subsoil"},
		{"en", "what are the signs of cholera", signs},
		{"en", "Give four symptoms of cholera", signs},
		{"en", "What are the danger signs of cholera?", danger},
		{"en", "Name four ways to prevent cholera.", prevent},
		{"en", "tell me all the ways how we can prevent cholera pls", prevent},
		{"en", "What are the three steps to make water safe?", safe},
		{"en", "What are the kinds of rock?", "Igneous rock. It forms when hot magma cools down. Granite is one.|Sedimentary rock. It forms from layers of mud and sand that are pressed together.|Metamorphic rock. It forms when heat and pressure change another rock."},
		{"en", "Name the three states of matter", "Solid|Liquid|Gas"},
		{"en", "Which two features describe a force?", "Its size, which is measured in newtons.|Its direction, which an arrow shows."},
		{"en", "Describe the path of the blood, starting from the heart, in order.", "From the heart the blood flows through the arteries to all organs|then through the narrow capillaries|then through the veins|finally back to the heart"},
		{"en", "What are the parts of the blood?", blood},
		{"en", "What three things did Kamana do to earn his bicycle, first, next and last?", "First he sold eggs at the market of Gatare.|Then he carried bricks for a mason.|Finally he mended shoes in the holidays."},
		{"en", "What are the rules of the library?", "Speak softly.|Wash your hands.|Bring each book back within two weeks."},
		{"en", "Name the parts of a flower.", flower},
		{"en", "Which are the four parts of a flower?", flower},
		{"en", "List the sources of renewable energy", "the sun|the wind|running water|biogas"},

		{"en", "Name the animals of the soil", "Earthworm|Termite|Millipede"},
		{"en", "Which animals of the soil have the most legs?", none}, // some of the rows
		{"en", "What are the three types of batteries?", "dry|wet|solar batteries"},
		{"en", "Which two factors does current depend on?", "the voltage|the resistance"},
		{"en", "What are the three ways by which heat leaves a wire?", "conduction|convection|radiation"},
		{"en", "What are the forms of electrical energy?", "stored energy|moving energy"},

		{"fr", "Quels sont les cinq sens ?", "la vue|l'ouïe|l'odorat|le goût|le toucher"},
		{"fr", "Quelles sont les étapes pour fabriquer du savon ?", savon},
		{"fr", "Comment fabriquer du savon ?", savon},
		{"fr", "Cite les trois sortes d'abeilles de la ruche.", "la reine|les ouvrières|les faux bourdons"},
		{"fr", "Nommez trois sortes d'abeilles", "la reine|les ouvrières|les faux bourdons"},
		{"fr", "Donne les stades de l'œuf à l'abeille, dans l'ordre", "D'abord l'œuf devient une larve.|Ensuite la larve devient une nymphe.|Enfin la nymphe devient une abeille."},

		{"sw", "Taja hatua nne za kupanda mahindi", mahindi},
		{"sw", "Hatua za kupanda mahindi ni zipi?", mahindi},
		{"sw", "Taja aina tatu za udongo", "kichanga|mfinyanzi|tifutifu"},
		{"sw", "Dalili za kipindupindu ni zipi?", "kuhara maji|kutapika|kiu kali"},
		{"sw", "Orodhesha njia za kuzuia kipindupindu.", "Chemsha maji ya kunywa.|Nawa mikono kwa sabuni.|Tumia choo."},

		{"rw", "Ni izihe ntambwe zo guhinga ibigori?", ibigori},
		{"rw", "Vuga intambwe enye zo guhinga ibigori uko zikurikirana", ibigori},
		{"rw", "Ni ibihe bice by'igihingwa?", "imizi|uruti|amababi|indabo"},
		{"rw", "Ni ayahe mabwiriza y'isuku?", "Karaba intoki mbere yo kurya.|Oga buri munsi.|Mesa imyenda."},

		// one thing, a number, a reason: no list
		{"en", "Which of the steps of making compost is the third?", none},
		{"en", "What is the first step of making compost?", none},
		{"en", "How many types of soil are there?", none},
		{"en", "Why is loam the best type of soil?", none},
		{"en", "What is the difference between sand and clay?", none},
		{"en", "What is cholera?", none},
		{"en", "Is thirst one of the signs of cholera?", none},
		{"en", "At what time does the library open?", none},
		{"fr", "Combien de sortes d'abeilles y a-t-il ?", none},
		{"fr", "Pourquoi la reine pond-elle des œufs ?", none},
		{"sw", "Kuna aina ngapi za udongo?", none},
		{"sw", "Kwa nini tunachemsha maji?", none},
		{"rw", "Ni ukubera iki imizi ari ngombwa?", none},
		{"rw", "Igihingwa gifite ibice bingahe?", none},
		// several, but no such list
		{"en", "What are the signs of malaria?", none},
		{"en", "Name five types of soil", none},
		{"en", "What are the seven layers of the soil?", none},
		{"en", "What are the causes of cholera?", none},
		{"en", "Name three ways to treat cholera.", none},
		{"en", "What are the effects of erosion?", none},
		{"en", "What are the stages of the life of a frog?", none},
		{"en", "List the parts of a bicycle", none},
		{"en", "How do you make soap?", none},
		{"en", "What are the steps of planting rice?", none},
		{"en", "Which countries use the heat of the ground?", none}, // examples
		{"en", "What are the rules of football?", none},
		{"en", "What are the forms of energy?", none}, // of one kind of it only
		{"en", "What are Volta's three laws of current?", none},
		{"en", "What are the types of wire?", none},
		{"en", "What are the parts of the picture?", none},
		{"en", "What are the steps of making jam from mangoes?", none},
		{"en", "Which term means: the three types of soil?", none},
		{"fr", "Quelles sont les parties de l'œil ?", none},
		{"fr", "Quelles sont les étapes pour fabriquer du pain ?", none},
		{"sw", "Taja dalili tatu za malaria", none},
		{"rw", "Ni ibihe bimenyetso bya malariya?", none},
	} {
		terms, w, texts := found(test.question, test.language, material)
		l, ok := Find(test.question, test.language, terms, w, texts)
		if got := strings.Join(l.Items, "|"); got != test.want || ok != (test.want != none) {
			t.Errorf("%q\n got %q\nwant %q", test.question, got, test.want)
		}
		for _, from := range l.From {
			if from < 0 || from >= len(texts) {
				t.Errorf("%q: from %d", test.question, from)
			}
		}
	}
}

// TestAnotherLanguage: a question in one language about material in another.
func TestAnotherLanguage(t *testing.T) {
	only := func(source string) []Text {
		return slices.DeleteFunc(slices.Clone(material), func(x Text) bool { return x.Source != source })
	}
	for _, test := range []struct{ language, question, source, want string }{
		{"rw", "Ni ibihe bimenyetso bya kolera? Vuga bitatu.", "cholera", "watery diarrhoea|vomiting|thirst|weak legs"},
		{"sw", "Taja aina tatu za udongo (soil).", "soil", "sand|clay|loam"},
		{"fr", "Quels sont les signes de danger du choléra ?", "cholera", "sunken eyes|no urine|a very weak pulse"},
		{"rw", "Vuga uburyo bune bwo kwirinda kolera", "cholera", "Drink boiled water.|Wash your hands with soap.|Use a latrine.|Cover all food."},
		{"fr", "Quelles sont les étapes pour préparer le thé ?", "soil", none},
		{"sw", "Taja sababu tatu za vita", "soil", none},
		{"rw", "Ni ibihe bimenyetso bya malariya?", "cholera", none},
	} {
		terms, w, texts := found(test.question, test.language, only(test.source))
		l, _ := Find(test.question, test.language, terms, w, texts)
		if got := strings.Join(l.Items, "|"); got != test.want {
			t.Errorf("%q\n got %q\nwant %q", test.question, got, test.want)
		}
	}
}

func TestAsks(t *testing.T) {
	type wants struct {
		wanted  bool
		n       int
		ordered bool
	}
	for question, want := range map[string]wants{
		"Name five uses of water.":                              {true, 5, false},
		"What are the stages of the life of a butterfly?":       {true, 0, true},
		"Can you list the main parts of the ear?":               {true, 0, false},
		"Which foods give us energy?":                           {true, 0, false},
		"give me 3 reasons why we need trees":                   {true, 3, false},
		"How do I plant a tree?":                                {true, 0, true},
		"Write the planets in the right order":                  {true, 0, true},
		"Quelles sont les causes de la déforestation ?":         {true, 0, false},
		"Cite trois avantages des arbres.":                      {true, 3, false},
		"Donne les étapes de la photosynthèse dans l'ordre":     {true, 0, true},
		"Taja faida nne za miti":                                {true, 4, false},
		"Sehemu za ua ni zipi?":                                 {true, 0, false},
		"Vuga ibice bitanu by'umubiri":                          {true, 5, false},
		"Ni izihe mpamvu zitera isuri?":                         {true, 0, false},
		"How many stages has the life of a butterfly?":          {},
		"What is the second stage?":                             {},
		"Which of the parts is the largest?":                    {},
		"Why do leaves have pores?":                             {},
		"What is the difference between the two kinds of cell?": {},
		"Name the scientist who found the law of gravity":       {},
		"What are enzymes?":                                     {},
		"What does the word cell mean?":                         {},
		"Which enzyme works on starch?":                         {},
		"What is step 3?":                                       {},
		"Who found the three laws of motion?":                   {},
		"A bag weighs 5 kg. What is its weight in newtons?":     {},
		"Un sac coûte 9 000 francs. Quel est le prix ?":         {},
		"Quelle est la première étape ?":                        {},
		"Combien de parties a l'œil ?":                          {},
		"Hatua ya pili ni ipi?":                                 {},
		"Kwa nini miti ni muhimu?":                              {},
		"Intambwe ya kabiri ni iyihe?":                          {},
		"":                                                      {},
	} {
		wanted, n, ordered := Asks(question, text.Language(question))
		if got := (wants{wanted, n, ordered}); got != want {
			t.Errorf("%q: %v, want %v", question, got, want)
		}
	}
}

// TestEveryListIsBounded: nothing that a file may hold brings anything down, or
// keeps the tests from ending.
func TestEveryListIsBounded(t *testing.T) {
	for _, piece := range []string{"1. ", "a, b and c. ", "- x\n", "1. x\n", "First, then, last. ", "x: ", " | a\n", "(a) ", ", and ", "then, ", "1.\n", "Step 1: ", "é", "A: b\n\n", "two things are "} {
		var texts []Text
		for i := range 24 {
			texts = append(texts, Text{Source: "s", Seq: i, Heading: "Three things", Text: strings.Repeat(piece, 16<<10/len(piece)), Table: i%7 == 0})
		}
		Find("What are the three things, first, next, last?", "en", []string{"things", "x"}, text.Weights{}, texts)
	}
}

func FuzzFind(f *testing.F) {
	for _, x := range material {
		f.Add("What are the three parts of x, in order?", x.Heading, x.Text, x.Text)
	}
	f.Add("Name two x", "x › y", "x are:\n1. a\n- b\n2. c", "x | y\n1 | 2")
	f.Fuzz(func(t *testing.T, question, heading, a, b string) {
		texts := []Text{{"s", 0, heading, a, false}, {"s", 1, heading, b, false}, {"s", 2, heading + "2", b, true}}
		l, ok := Find(question, text.Language(question), text.Terms(question, "en"), text.Weights{Rare: 1}, texts)
		if ok != (len(l.Items) > 1) {
			t.Fatalf("%v: %q", ok, l.Items)
		}
		for _, i := range l.Items {
			if strings.TrimSpace(i) == "" {
				t.Fatalf("an empty item: %q", l.Items)
			}
		}
	})
}
