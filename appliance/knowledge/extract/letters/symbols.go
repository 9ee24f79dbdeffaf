package letters

import (
	"strconv"
	"strings"
	"unicode"
)

// Old programs wrote μ, ≥ and ✓ as ordinary letters in a font of pictures, or as
// letters of the private area that Unicode leaves to fonts. What they meant is
// known for the fonts that come with every office program.

// UnreadSign stands where a letter could not be told.
const UnreadSign = "▯"

// Symbol returns what a letter shows in a font of symbols, and whether that is
// certain. r may be of the private area (U+F020 to U+F0FF) or, in a font that is
// known, an ordinary letter. A private letter of no font at all is taken for one
// of Symbol, where most come from.
func Symbol(font string, r rune) (s string, certain bool) {
	private := r >= 0xf000 && r <= 0xf0ff
	if private {
		r -= 0xf000
	}
	letters, known := symbolFonts[SymbolFont(font)]
	switch {
	case !known && !private:
		if IsPrivate(r) {
			return UnreadSign, false
		}
		return string(r), true
	case !known && r == 0xb7: // the bullet of every list
		return "•", true
	case !known && font != "": // a font that keeps ordinary letters there
		if r > ' ' && r < 0x7f {
			return string(r), false
		}
		return UnreadSign, false
	case !known:
		letters = symbolFonts["symbol"]
	}
	if r <= ' ' || r > 0xff {
		return string(r), !IsPrivate(r)
	}
	if s := letters[r-'!']; s != '·' {
		return string(s), known
	}
	return UnreadSign, false
}

// SymbolFont returns the name under which a font's letters are known, or "".
func SymbolFont(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if i := strings.IndexByte(name, '+'); i == 6 { // a subset in a PDF
		name = name[i+1:]
	}
	name = strings.NewReplacer(" ", "", "-", "", "_", "").Replace(name)
	switch name {
	case "symbol", "symbolmt", "symbolps", "standardsymbolsl", "standardsymbolsps", "euclidsymbol", "symbolneu":
		return "symbol"
	case "wingdings", "wingdingsregular":
		return "wingdings"
	case "wingdings2", "wingdings3", "webdings":
		return name
	}
	return ""
}

// SymbolText turns a text that is set in a font, and reports whether all of it
// is known.
func SymbolText(font, text string) (string, bool) {
	if SymbolFont(font) == "" && strings.IndexFunc(text, IsPrivate) < 0 {
		return text, true
	}
	var b strings.Builder
	all := true
	for _, r := range text {
		s, known := Symbol(font, r)
		all = all && known
		b.WriteString(s)
	}
	return b.String(), all
}

// IsPrivate reports whether Unicode leaves a letter to fonts.
func IsPrivate(r rune) bool { return unicode.Is(unicode.Co, r) }

// FromHex reads a letter's number, as Office writes one of a font of symbols.
func FromHex(s string) rune {
	n, err := strconv.ParseUint(s, 16, 24)
	if err != nil || n == 0 {
		return '\ufffd'
	}
	return rune(n)
}

// symbolFonts has the letters from "!" (0x21) to 0xff of each font; · stands
// where there is none.
var symbolFonts = map[string][]rune{}

func init() {
	for font, letters := range map[string]string{
		"symbol": "!∀#∃%&∋()*+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾" +
			"αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}~·································€" +
			"ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…│─↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊" +
			"〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭·",
		"wingdings": "🖉✂✁👓🕭🕮🕯🕿✆🖂🖃📪📫📬📭🗀🗁🗎🗏🗐🗄⌛🖮🖰🖲🖳🖴🖫🖬✇✍🖎✌🖏👍👎☜☞☝☟🖐☺😐☹💣🕱🏳🏱✈☼🌢❄🕆✞🕈✠✡☪☯🕉☸♈♉♊" +
			"♋♌♍♎♏♐♑♒♓🙰🙵●❍■☐☐❑❒◆◆◆❖◆⌧⮹⌘🏵🏶🙶🙷▯0➀➁➂➃➄➅➆➇➈➉0➊➋➌➍➎➏➐➑➒➓🙢🙠🙡🙣🙞🙜🙝🙟∙•▪" +
			"○◎◎◉◉○▪□🟁🟅★🟋🟏🟓🟑⯐⌖⯎⯏⯑✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛⮰⮱⮲⮳⮴⮵⮶⮷🙪🙫🙕🙔🙗🙖🙐🙑🙒🙓⌫⌦➢➢➢➢←→↑↓←→" +
			"↑↓↖↗↙↘←→↑↓↖↗↙↘⇦⇨⇧⇩⇔⇳↖↗↙↘▫▫✗✓☒☑·",
		"wingdings2": "🖊🖋🖌🖍✄✀🕾🕽🗅🗆🗇🗈🗉🗊🗋🗌🗍📋🗑🗔🖵🖶🖷🖸🖭🖯🖱🖒🖓🖘🖙🖚🖛👈👉🖜🖝🖞🖟🖠🖡👆👇🖢🖣🖑✗✓☒☑☒☒⊗⊗🛇⦸🙱🙴🙲🙳‽🙹🙺🙻" +
			"🙦🙤🙥🙧🙚🙘🙙🙛⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿·☉🌕☽☾⸿✝🕇🕜🕝🕞🕟🕠🕡🕢🕣🕤🕥🕦🕧🙨🙩⋅••●○○◎◎⊙⦿▪▪" +
			"■■□□□□□▣🞕🞖🞗🞘◆◆◇🞚◈🞛🞜🞝🞞⬪⬧◊🞠◖◗⯊⯋⯀⯁⬟⯂⬣⬢⯃⯄🞡🞢🞣🞤🞥🞦🞧🞨🞩🞪🞫🞬🞭🞮🞯🞰🞱🞲🞳🞴🞵🞶🞷🞸🞹🞺🞻" +
			"🞼🞽🞾🞿🟀🟂🟄🟆🟉🟊✶🟌🟎🟐🟒✹🟃🟇✯🟍🟔⯌⯍※⁂······",
		"wingdings3": "←→↑↓↖↗↙↘⭰⭲⭱⭳⭶⭸⭻⭽↔↕⭪⭬⭫⭭⭍⮠⮡⮢⮣⮤⮥⮦⮧⮐⮑⮒⮓⮀⮃⭾⭿⮄⮆⮅⮇⮏⮍⮎⮌⭮⭯⎋⌤⌃⌥␣⍽⇪⮸🢠🢡🢢🢣🢤🢥🢦" +
			"🢧🢨🢩🢪🢫←→↑↓↖↗↙↘↔↕▲▼△▽◀▶◁▷◣◢◤◥◀▶▲·▼▲▼◀▶◀▶▲▼←→↑↓←→↑↓←→↑↓←→↑↓←→↑↓←→↑↓" +
			"←→↑↓🠠🠢🠤🠦🠨🠪🠬🢜🢝🢞🢟🠮🠰🠲🠴🠶🠸🠺🠹🠻🢘🢚🢙🢛🠼🠾🠽🠿🡀🡂🡁🡃🡄🡆🡅🡇⮨⮩⮪⮫⮬⮭⮮⮯←→↑↓↖↗↙↘←→↑↓↖↗↙↘" +
			"←→↑↓↖↗↙↘←→↑↓↖↗↙↘···············",
		"webdings": "🕷🕸🕲🕶🏆🎖🖇🗨🗩🗰🗱🌶🎗🙾🙼🗕🗖🗗◀▶▲▼⏪⏩⏮⏭⏸⏹⏺🗚🗳🛠🏗🏘🏙🏚🏜🏭🏛🏠🏖🏝🛣🔍🏔👁👂🏞🏕🛤🏟🛳🕬🕫🕨🔈🎔🎕🗬🙽🗭🗪🗫⮔" +
			"✔🚲□🛡📦🛱■🚑🛈🛩🛰🟈🕴●🛥🚔🗘🗙❓🛲🚇🚍⛳⦸⊖🚭🗮│🗯🗲·🚹🚺🛉🛊🚼👽🏋⛷🏂🏌🏊🏄🏍🏎🚘🗠🛢💰🏷💳👪🗡🗢🗣✯🖄🖅🖃🖆🖹🖺🖻🕵" +
			"🕰🖽🖾📋🗒🗓🕮📚🗞🗟🗃🗂🖼🎭🎜🎘🎙🎧💿🎞📷🎟🎬📽📹📾📻🎚🎛📺💻🖥🖦🖧🕹🎮🕻🕼📟🖁🖀🖨🖩🖿🖪🗜🔒🔓🗝📥📤🕳🌣🌤🌥🌦☁🌨🌧🌩🌪🌬🌫🌜" +
			"🌡🛋🛏🍽🍸🛎🛍Ⓟ♿🛆🖈🎓🗤🗥🗦🗧🛪🐿🐦🐟🐕🐈🙬🙮🙭🙯🗺🌍🌏🌎🕊",
	} {
		symbolFonts[font] = []rune(letters)
	}
}
