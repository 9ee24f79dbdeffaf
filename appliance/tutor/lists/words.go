package lists

import (
	"strings"

	"github.com/bwenge-os/bwenge/internal/text"
)

// concepts are what lists are lists of, by the words for it in all languages of
// the box. So a question in one language knows the list in another. A word may
// mean two of them.
var concepts = index(map[string]string{
	"step":  `step steps procedure instructions etape etapes geste gestes hatua intambwe`,
	"stage": `stage stages phase phases stade stades etape etapes hatua icyiciro ibyiciro`,
	"way":   `way ways method methods moyen moyens facon facons maniere manieres methode methodes njia namna mbinu uburyo`,
	"kind":  `kind kinds type types sort sorts category categories sorte sortes genre genres espece especes aina ubwoko amoko`,
	"part": `part parts component components partie parties composant composants sehemu igice ibice
		consist consists composed comprises compose composee bigizwe igizwe rugizwe`,
	"sign":         `sign signs symptom symptoms signe signes symptome symptomes dalili ishara ikimenyetso ibimenyetso`,
	"cause":        `cause causes reason reasons raison raisons sababu impamvu`,
	"rule":         `rule rules regle regles kanuni itegeko amategeko amabwiriza`,
	"law":          `law laws loi lois sheria`,
	"use":          `uses usages utilisations matumizi`,
	"factor":       `factor factors facteur facteurs`,
	"effect":       `effect effects consequence consequences effet effets madhara athari ingaruka`,
	"advantage":    `advantage advantages benefit benefits avantage avantages faida akamaro ibyiza inyungu`,
	"disadvantage": `disadvantage disadvantages drawback drawbacks inconvenient inconvenients hasara ibibi`,
	"example":      `example examples exemple exemples mfano mifano urugero ingero`,
	"thing":        `thing things chose choses kitu vitu mambo ikintu ibintu`,
	"tool":         `tool tools material materials ingredient ingredients equipment outil outils materiel vifaa mahitaji igikoresho ibikoresho`,
	"mistake":      `mistake mistakes error errors erreur erreurs faute fautes kosa makosa ikosa amakosa`,
	"property":     `property properties feature features characteristic characteristics propriete proprietes caracteristique caracteristiques sifa`,
	"path":         `path way route journey trip chemin trajet parcours voyage njia safari inzira urugendo`,
	"condition":    `condition conditions masharti`,
	"duty":         `duty duties task tasks role roles function functions devoir devoirs fonction fonctions tache taches wajibu kazi inshingano`,
})

// qualities make another list of one: what prevents an illness is not what shows
// it. A list that has one is only for a question that has it too.
var qualities = index(map[string]string{
	"prevent": `prevent prevents preventing prevention avoid avoids avoiding protect protecting protection eviter evite prevenir proteger prevention kuzuia kinga kujikinga kuepuka kwirinda gukumira kurinda birinda kwikingira`,
	"danger":  `danger dangers dangerous warning emergency severe dangereux grave graves urgence hatari akaga impuruza bikomeye`,
	"cure":    `treat treats treating treatment cure cures soigner traitement traiter guerir kutibu matibabu tiba kuvura ubuvuzi`,
	"not":     `not never without except pas jamais sans sauf si usifanye bila ntabwo nta uretse kitari`,
	"spread":  `spread spreads spreading transmission transmit transmettre transmet kuenea kuambukiza huambukizwa gukwirakwiza kwandura`,
})

// plurals are the words of concepts that say by themselves that several are
// meant; in Swahili and Kinyarwanda many do not.
var plurals = pluralSet(`consists consist composed comprises procedure steps stages phases ways methods kinds types sorts categories parts components signs symptoms causes reasons rules laws uses factors
	effects consequences advantages benefits disadvantages drawbacks examples things tools materials ingredients instructions mistakes errors properties
	features characteristics conditions duties tasks roles functions
	etapes gestes stades moyens facons manieres methodes sortes genres especes parties composants signes symptomes raisons regles lois
	facteurs effets avantages inconvenients exemples choses outils erreurs fautes proprietes caracteristiques devoirs fonctions taches
	mifano vitu mambo vifaa makosa masharti madhara ibyiciro amoko ibice ibimenyetso amategeko amabwiriza ingaruka ibyiza ibibi ingero ibintu ibikoresho amakosa inshingano`)

func pluralSet(list string) map[string]bool {
	all := text.Set(list)
	for w := range text.Set(list) {
		all[withoutAugment(w)] = true
	}
	return all
}

func index(groups map[string]string) map[string][]string {
	all := map[string][]string{}
	for name, list := range groups {
		for _, w := range strings.Fields(list) {
			all[w] = append(all[w], name)
			if bare := withoutAugment(w); bare != w {
				all[bare] = append(all[bare], name)
			}
		}
	}
	return all
}

// withoutAugment is a Kinyarwanda noun as it stands behind a word that points to
// it: ibice, but "ibihe bice".
func withoutAugment(w string) string {
	for _, class := range []string{"ibi", "iby", "iki", "icy", "igi", "ama", "amo", "imp", "int", "ing", "iny", "imi", "ubu", "ubw", "uru", "umu", "aba", "ibic"} {
		if strings.HasPrefix(w, class) && len(w) > 4 {
			return w[1:]
		}
	}
	return w
}

// numbers are the numbers in words, from two on: of one thing there is no list.
var numbers = func() map[string]int {
	all := map[string]int{}
	for n, list := range map[int]string{
		2:  `two deux mbili wawili viwili miwili mawili kabiri abiri ebyiri bibiri babiri ibiri bubiri tubiri`,
		3:  `three trois tatu watatu vitatu mitatu matatu gatatu atatu eshatu bitatu batatu itatu butatu tutatu`,
		4:  `four quatre nne wanne vinne minne manne kane ane enye bine bane bune tune`,
		5:  `five cinq tano watano vitano mitano matano gatanu atanu eshanu bitanu batanu itanu butanu`,
		6:  `six sita gatandatu atandatu esheshatu bitandatu batandatu itandatu butandatu`,
		7:  `seven sept saba karindwi arindwi zirindwi birindwi barindwi irindwi`,
		8:  `eight huit nane wanane vinane minane manane umunani munani`,
		9:  `nine neuf tisa icyenda cyenda`,
		10: `ten dix kumi icumi cumi`,
		11: `eleven onze`, 12: `twelve douze`,
	} {
		for _, w := range strings.Fields(list) {
			all[w] = n
		}
	}
	return all
}()

// number is what a word counts, 0 if nothing.
func number(word string) int {
	if n, ok := numbers[word]; ok {
		return n
	}
	if len(word) > 2 {
		return 0
	}
	n := 0
	for _, r := range word {
		if r < '0' || r > '9' {
			return 0
		}
		n = 10*n + int(r-'0')
	}
	if n < 2 || n > maxItems {
		return 0
	}
	return n
}

// labels stand before a number that counts nothing: unit 5.
var labels = text.Set(`unit chapter lesson step stage class grade year page figure table question exercise level section part primary senior form number
	unite chapitre lecon etape classe annee page figure tableau question exercice niveau
	somo sura hatua darasa ukurasa swali mwaka kidato isomo igice umutwe intambwe urupapuro ikibazo umwaka`)

// asking are words of a question that say nothing of what the list is about.
var asking = text.Set(`name names list lists give mention enumerate state write tell say describe explain outline identify which what please pls order right
	correct first next last then finally start starting end beginning begin all every each main following different various called need know want
	many several some any least most used us make sure happen happens full whole complete step by kindly sequence another other thing things through during into along across around together each inside within while between among there here work book text document livre texte document kitabu kitabuni igitabo
	cite citez nomme nommez donne donnez enumere enumerez indique indiquez dis dites quels quelles lesquels lesquelles ordre premier premiere dernier derniere
	principaux principales differents differentes tous toutes moins bon bonne faut
	taja tajeni orodhesha toa andika eleza elezea zipi yapi wepi vipi gani tafadhali mpangilio mfuatano kwanza mwisho zote yote vyote wote kuu mbalimbali angalau
	vuga tanga rondora andika sobanura erekana ibihe izihe ayahe abahe nibura byose zose yose bose gukurikirana bikurikirana zikurikirana mbere nyuma`)

// irregular are past forms whose stem is not that of the verb.
var irregular = func() map[string]string {
	all := map[string]string{}
	for _, pair := range strings.Fields(`paid:pay bought:buy made:make went:go gone:go took:take taken:take gave:give given:give ate:eat eaten:eat
		built:build grew:grow grown:grow kept:keep found:find sold:sell told:tell taught:teach brought:bring came:come began:begin begun:begin
		spoke:speak chose:choose fell:fall felt:feel fought:fight held:hold knew:know led:lead left:leave lost:lose met:meet rose:rise sent:send seme:semer sement:semer
		spent:spend won:win wrote:write written:write`) {
		past, verb, _ := strings.Cut(pair, ":")
		all[past] = verb
	}
	return all
}()

// ordinals pick a row of a table.
var ordinals = text.Set(`first second third fourth fifth last premier premiere deuxieme second seconde troisieme quatrieme dernier derniere kwanza pili tatu nne mwisho mbere kabiri gatatu kane nyuma`)
