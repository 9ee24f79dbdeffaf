package extract

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// numberFormat is a spreadsheet's format code ("0.0%", "[h]:mm", "#,##0 \"RWF\"")
// taken apart. A cell is read as its format shows it, because that is what its
// author saw: 85 %, 0042, 26:15. Only whole dates are written as ISO dates,
// which no reader of another country turns around.
type numberFormat struct{ sections []formatSection }

type formatSection struct {
	tokens []formatToken
	op     string // condition: "<", ">=", ...; empty for none
	limit  float64
	date   bool
	text   bool // shows texts too
}

// formatToken is a literal, a placeholder ('0', '#', '?'), one of . , % / @, the
// E of an exponent, G for General, or a part of a date: y m d h s, a for AM/PM,
// n for minutes, and H N S for elapsed ones.
type formatToken struct {
	kind rune
	text string
}

const maxFormatCode = 1000

// builtinFormats are those that files name by number only.
var builtinFormats = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
	14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
	21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
	40: "#,##0.00;(#,##0.00)", 41: "#,##0;(#,##0);-;@", 42: "#,##0;(#,##0);-;@", 43: "#,##0.00;(#,##0.00);-;@",
	44: "#,##0.00;(#,##0.00);-;@", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}

// parseFormat takes a format code apart; nil is General.
func parseFormat(code string) *numberFormat {
	if code == "" || strings.EqualFold(code, "general") || len(code) > maxFormatCode {
		return nil
	}
	f := &numberFormat{}
	section := formatSection{}
	add := func(kind rune, text string) { section.tokens = append(section.tokens, formatToken{kind, text}) }
	end := func() {
		section.settle()
		f.sections = append(f.sections, section)
		section = formatSection{}
	}
	runes := []rune(code)
	at := func(i int, word string) bool {
		return i+len(word) <= len(runes) && strings.EqualFold(string(runes[i:i+len(word)]), word)
	}
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch lower := unicode.ToLower(r); {
		case r == '"':
			start := i + 1
			for i++; i < len(runes) && runes[i] != '"'; i++ {
			}
			add('L', string(runes[start:min(i, len(runes))]))
		case r == '\\' || r == '!':
			if i++; i < len(runes) {
				add('L', string(runes[i]))
			}
		case r == '_' || r == '*': // as wide as the next letter; filled with it
			i++
		case r == '[':
			start := i + 1
			for i++; i < len(runes) && runes[i] != ']'; i++ {
			}
			section.bracket(string(runes[start:min(i, len(runes))]))
		case r == ';':
			end()
		case at(i, "general"):
			add('G', "")
			i += len("general") - 1
		case at(i, "am/pm"):
			add('a', "")
			i += len("am/pm") - 1
		case at(i, "a/p"):
			add('a', "")
			i += len("a/p") - 1
		case lower == 'e' && i+1 < len(runes) && (runes[i+1] == '+' || runes[i+1] == '-'):
			i++
			add('E', string(runes[i]))
		case strings.ContainsRune("ymdhs", lower):
			start := i
			for i+1 < len(runes) && unicode.ToLower(runes[i+1]) == lower {
				i++
			}
			add(lower, string(runes[start:i+1]))
		case strings.ContainsRune("0#?.,%/@", r):
			add(r, string(r))
		default:
			add('L', string(r))
		}
	}
	end()
	return f
}

// bracket reads what stands in brackets: a currency, a condition, elapsed time,
// or a color, which is left out.
func (s *formatSection) bracket(text string) {
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(text, "$"):
		currency, _, _ := strings.Cut(text[1:], "-")
		s.tokens = append(s.tokens, formatToken{'L', currency})
	case lower != "" && strings.Trim(lower, "h") == "":
		s.tokens = append(s.tokens, formatToken{'H', text})
	case lower != "" && strings.Trim(lower, "m") == "":
		s.tokens = append(s.tokens, formatToken{'N', text})
	case lower != "" && strings.Trim(lower, "s") == "":
		s.tokens = append(s.tokens, formatToken{'S', text})
	case strings.ContainsAny(text, "<>="):
		op := text[:len(text)-len(strings.TrimLeft(text, "<>="))]
		if n, err := strconv.ParseFloat(strings.TrimSpace(text[len(op):]), 64); err == nil {
			s.op, s.limit = op, n
		}
	}
}

// settle finds out what the section shows, and which m are minutes.
func (s *formatSection) settle() {
	before := rune(0) // the last part of a date
	for i := range s.tokens {
		t := &s.tokens[i]
		switch t.kind {
		case '@':
			s.text = true
		case 'm':
			if before == 'h' || before == 'H' || s.nextDate(i+1) == 's' && len(t.text) < 3 {
				t.kind = 'n'
			}
		}
		if strings.ContainsRune("ymdhsanHNS", t.kind) {
			s.date, before = true, t.kind
		}
	}
}

func (s *formatSection) nextDate(from int) rune {
	for _, t := range s.tokens[min(from, len(s.tokens)):] {
		if strings.ContainsRune("ymdhsHNS", t.kind) {
			return t.kind
		}
	}
	return 0
}

func (s *formatSection) holds(v float64) bool {
	switch s.op {
	case "<":
		return v < s.limit
	case "<=":
		return v <= s.limit
	case ">":
		return v > s.limit
	case ">=":
		return v >= s.limit
	case "=":
		return v == s.limit
	case "<>":
		return v != s.limit
	}
	return true
}

// number writes a number as the format shows it.
func (f *numberFormat) number(v float64, from1904 bool) string {
	if f == nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return general(v)
	}
	numbers := f.sections
	if len(numbers) > 3 {
		numbers = numbers[:3] // the fourth is for texts
	}
	if n := len(numbers); n > 1 && numbers[n-1].text && !numbers[n-1].hasDigits() {
		numbers = numbers[:n-1]
	}
	s, own := &numbers[0], false // own: the section says that the number is negative
	switch {
	case numbers[0].op != "" || len(numbers) > 1 && numbers[1].op != "":
		for i := range numbers {
			s = &numbers[i]
			if s.holds(v) {
				own = i > 0 && s.op == "" && numbers[0].op != "" && v < 0 && numbers[0].holds(-v)
				break
			}
		}
	case len(numbers) > 1 && v < 0:
		s, own = &numbers[1], true
	case len(numbers) > 2 && v == 0:
		s = &numbers[2]
	}
	if s.date {
		return s.dateText(v, from1904)
	}
	if s.text && !s.hasDigits() { // a number in a cell for texts
		return general(v)
	}
	text := s.numberText(math.Abs(v))
	if v < 0 && !own && strings.ContainsFunc(text, func(r rune) bool { return r >= '1' && r <= '9' }) {
		text = "-" + text
	}
	return strings.TrimSpace(text)
}

func (s *formatSection) hasDigits() bool {
	for _, t := range s.tokens {
		if strings.ContainsRune("0#?GymdhsHNS", t.kind) {
			return true
		}
	}
	return false
}

// words writes a text as the format shows it.
func (f *numberFormat) words(text string) string {
	if f == nil || text == "" {
		return text
	}
	s := &f.sections[len(f.sections)-1]
	if !s.text || len(s.tokens) == 1 {
		return text
	}
	var b strings.Builder
	for _, t := range s.tokens {
		switch t.kind {
		case '@':
			b.WriteString(text)
		case 'L':
			b.WriteString(t.text)
		}
	}
	return strings.TrimSpace(b.String())
}

// general writes a number as cells without a format show it. They hold what the
// processor computed; people see 15 digits.
func general(v float64) string {
	v = roundDigits(v)
	if a := math.Abs(v); a >= 1e15 || a < 1e-9 && a > 0 {
		return strconv.FormatFloat(v, 'E', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func isPlaceholder(t formatToken) bool { return t.kind == '0' || t.kind == '#' || t.kind == '?' }

// numberText writes a number that is not negative.
func (s *formatSection) numberText(v float64) string {
	var whole, decimals, least, keep int                    // placeholders before the point and behind, zeros among them
	first, last, end, exponent, slash := -1, -1, -1, -1, -1 // end is the last placeholder of all
	point := false
	for i, t := range s.tokens {
		if isPlaceholder(t) && exponent < 0 {
			end = i
		}
		switch {
		case isPlaceholder(t) && exponent >= 0:
		case isPlaceholder(t) && point:
			if decimals++; t.kind != '#' {
				keep = decimals
			}
		case isPlaceholder(t):
			if whole++; first < 0 {
				first = i
			}
			if last = i; t.kind == '0' || least > 0 {
				least++
			}
		case t.kind == '.':
			point = true
		case t.kind == 'E':
			exponent = i
		case t.kind == '/' && i > 0 && i+1 < len(s.tokens) && isPlaceholder(s.tokens[i-1]):
			slash = i
		case t.kind == '%':
			v *= 100
		}
	}
	if slash >= 0 {
		return s.fraction(v, slash)
	}
	grouped := false
	for i := end + 1; end >= 0 && i < len(s.tokens) && s.tokens[i].kind == ','; i++ {
		v /= 1000
	}
	for i := first; i >= 0 && i < last; i++ {
		grouped = grouped || s.tokens[i].kind == ','
	}
	power := 0
	if exponent >= 0 && v != 0 {
		power = int(math.Floor(math.Log10(v)))
		if whole > 1 {
			power = whole * int(math.Floor(float64(power)/float64(whole)))
		}
		if v /= math.Pow(10, float64(power)); roundTo(v, decimals) >= math.Pow(10, float64(max(whole, 1))) {
			v, power = v/10, power+1
		}
	}
	digits, behind, _ := strings.Cut(strconv.FormatFloat(roundTo(v, decimals), 'f', min(decimals, 30), 64), ".")
	if digits = strings.TrimLeft(digits, "0"); len(digits) < least {
		digits = strings.Repeat("0", least-len(digits)) + digits
	}
	for len(behind) > keep && behind[len(behind)-1] == '0' {
		behind = behind[:len(behind)-1]
	}
	var b strings.Builder
	seen := 0 // placeholders before the point
	written := false
	for i, t := range s.tokens {
		switch {
		case t.kind == 'L':
			b.WriteString(t.text)
		case t.kind == '%':
			b.WriteByte('%')
		case t.kind == 'G':
			b.WriteString(general(v))
		case t.kind == '.':
			if behind != "" {
				b.WriteString("." + behind)
			}
			written = true
		case t.kind == 'E':
			sign := ""
			if power < 0 {
				sign = "-"
			} else if t.text == "+" {
				sign = "+"
			}
			width := 0
			for _, t := range s.tokens[i+1:] {
				if isPlaceholder(t) {
					width++
				}
			}
			n := strconv.Itoa(max(power, -power))
			b.WriteString("E" + sign + strings.Repeat("0", max(width-len(n), 0)) + n)
			return b.String()
		case isPlaceholder(t) && !written:
			// The first place takes all digits that have none of their own.
			to := len(digits) - (whole - seen - 1)
			from := to - 1
			if seen == 0 {
				from = 0
			}
			for n := max(from, 0); n < to; n++ {
				b.WriteByte(digits[n])
				if left := len(digits) - n - 1; grouped && left > 0 && left%3 == 0 {
					b.WriteByte(',')
				}
			}
			seen++
		}
	}
	return b.String()
}

// roundTo rounds halves up as people and spreadsheets do.
func roundTo(v float64, decimals int) float64 {
	if decimals > 14 || math.Abs(v) >= 1e15 {
		return v
	}
	p := math.Pow(10, float64(decimals))
	scaled := roundDigits(v * p)
	if math.IsInf(scaled, 0) {
		return v
	}
	return math.Round(scaled) / p
}

// fraction writes 2.75 as "2 3/4".
func (s *formatSection) fraction(v float64, slash int) string {
	size, fixed := 0, 0
	for _, t := range s.tokens[slash+1:] {
		if t.kind == 'L' && len(t.text) == 1 && t.text[0] >= '0' && t.text[0] <= '9' || t.kind == '0' && fixed > 0 {
			d := 0
			if t.kind == 'L' {
				d = int(t.text[0] - '0')
			}
			fixed = fixed*10 + d
		} else if isPlaceholder(t) {
			size++
		} else {
			break
		}
		if fixed > 100_000 {
			break
		}
	}
	numerators := slash
	for numerators > 0 && isPlaceholder(s.tokens[numerators-1]) {
		numerators--
	}
	mixed := false // there is a place for whole ones before
	for _, t := range s.tokens[:numerators] {
		mixed = mixed || isPlaceholder(t)
	}
	if v > 1e12 {
		return general(v)
	}
	whole, rest := 0.0, v
	if mixed {
		whole = math.Floor(v)
		rest = v - whole
	}
	n, d := math.Round(rest*float64(fixed)), float64(fixed)
	if fixed == 0 {
		n, d = nearest(rest, math.Pow(10, float64(min(max(size, 1), 4)))-1)
	}
	if mixed && n == d {
		whole, n = whole+1, 0
	}
	switch {
	case mixed && n == 0:
		return general(whole)
	case mixed && whole > 0:
		return general(whole) + " " + general(n) + "/" + general(d)
	}
	return general(n) + "/" + general(d)
}

// nearest is the fraction next to v with a denominator of at most most.
func nearest(v, most float64) (n, d float64) {
	best := math.Inf(1)
	for den := 1.0; den <= most; den++ {
		num := math.Round(v * den)
		if off := math.Abs(v - num/den); off < best-1e-12 {
			best, n, d = off, num, den
		}
	}
	return n, d
}

// dateText writes a count of days as a date or a time.
func (s *formatSection) dateText(days float64, from1904 bool) string {
	has := map[rune]bool{}
	fraction := 0 // places of a second's fraction
	for i, t := range s.tokens {
		has[t.kind] = true
		if t.kind == '0' && i > 0 && (s.tokens[i-1].kind == '.' || fraction > 0) {
			fraction++
		}
	}
	elapsed := has['H'] || has['N'] || has['S']
	if !elapsed && (days < 0 || days > 2_958_466) { // the year 9999
		return general(days)
	}
	unit := math.Pow(10, float64(min(fraction, 3)))
	ticks := math.Round(math.Abs(days) * 86400 * unit)
	seconds := int64(ticks / unit)
	part := int64(ticks) - seconds*int64(unit)
	if !has['s'] && !has['S'] {
		// Shown minutes are cut, not rounded; a second less than a full one is
		// only what the processor computed.
		seconds = int64(math.Floor(math.Abs(days)*86400 + 0.5))
	}
	t := sheetEpoch(from1904).AddDate(0, 0, int(seconds/86400)).Add(time.Duration(seconds%86400) * time.Second)
	if has['y'] && has['m'] && has['d'] && !elapsed {
		switch {
		case has['s']:
			return t.Format("2006-01-02 15:04:05")
		case has['h']:
			return t.Format("2006-01-02 15:04")
		}
		return t.Format("2006-01-02")
	}
	pad := func(n int64, text string) string {
		out := strconv.FormatInt(n, 10)
		return strings.Repeat("0", max(len(text)-len(out), 0)) + out
	}
	var b strings.Builder
	if days < 0 {
		b.WriteByte('-')
	}
	fractionLeft := false
	for _, k := range s.tokens {
		switch k.kind {
		case 'L', '/', ',':
			b.WriteString(k.text)
		case '.':
			if fraction > 0 {
				b.WriteString("." + pad(part, strings.Repeat("0", min(fraction, 3))))
				fractionLeft = true
			} else {
				b.WriteByte('.')
			}
		case '0':
			if !fractionLeft {
				b.WriteByte('0')
			}
		case 'y':
			if len(k.text) > 2 {
				b.WriteString(t.Format("2006"))
			} else {
				b.WriteString(t.Format("06"))
			}
		case 'm':
			b.WriteString(t.Format([]string{"1", "01", "Jan", "January", "Jan"}[min(len(k.text), 5)-1]))
		case 'd':
			b.WriteString(t.Format([]string{"2", "02", "Mon", "Monday"}[min(len(k.text), 4)-1]))
		case 'h':
			hour := int64(t.Hour())
			if has['a'] {
				hour = (hour+11)%12 + 1
			}
			b.WriteString(pad(hour, k.text))
		case 'n':
			b.WriteString(pad(seconds/60%60, k.text))
		case 's':
			b.WriteString(pad(seconds%60, k.text))
		case 'a':
			b.WriteString(t.Format("PM"))
		case 'H':
			b.WriteString(pad(seconds/3600, k.text))
		case 'N':
			b.WriteString(pad(seconds/60, k.text))
		case 'S':
			b.WriteString(pad(seconds, k.text))
		}
	}
	return strings.TrimSpace(b.String())
}

// sheetEpoch is day 0 of a workbook. Excel believes in 29 February 1900.
func sheetEpoch(from1904 bool) time.Time {
	if from1904 {
		return time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
}

func roundDigits(f float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil {
		return f
	}
	return r
}
