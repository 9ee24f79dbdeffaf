package cells

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Format is a spreadsheet's format code ("0.0%", "[h]:mm", "#,##0 \"RWF\"")
// taken apart. A cell is read as its format shows it, because that is what its
// author saw: 85 %, 0042, 26:15. Only whole dates are written as ISO dates,
// which no reader of another country turns around.
type Format struct{ sections []formatSection }

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

// Builtin is the format of a number; nil is General.
func Builtin(id int) *Format { return ParseFormat(builtinFormats[id]) }

// ParseFormat takes a format code apart; nil is General.
func ParseFormat(code string) *Format {
	if code == "" || strings.EqualFold(code, "general") || len(code) > maxFormatCode {
		return nil
	}
	f := &Format{}
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

// Number writes a number as the format shows it.
func (f *Format) Number(v float64, from1904 bool) string {
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

// Words writes a text as the format shows it.
func (f *Format) Words(text string) string {
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

// layout is where the digits of a number stand among a section's tokens.
type layout struct {
	whole, decimals     int // placeholders before the point and behind it
	least, keep         int // zeros among them: digits that are always there
	first, last         int // placeholder before the point; -1 for none
	exponent, slash     int // -1 for none
	percents, thousands int // signs that multiply by 100, and that divide by 1000
	grouped             bool
}

func (s *formatSection) layout() layout {
	l := layout{first: -1, last: -1, exponent: -1, slash: -1}
	end, point := -1, false // end is the last placeholder of all
	for i, t := range s.tokens {
		if isPlaceholder(t) && l.exponent < 0 {
			end = i
		}
		switch {
		case isPlaceholder(t) && l.exponent >= 0:
		case isPlaceholder(t) && point:
			if l.decimals++; t.kind != '#' {
				l.keep = l.decimals
			}
		case isPlaceholder(t):
			if l.whole++; l.first < 0 {
				l.first = i
			}
			if l.last = i; t.kind == '0' || l.least > 0 {
				l.least++
			}
		case t.kind == '.':
			point = true
		case t.kind == 'E':
			l.exponent = i
		case t.kind == '/' && i > 0 && i+1 < len(s.tokens) && isPlaceholder(s.tokens[i-1]):
			l.slash = i
		case t.kind == '%':
			l.percents++
		}
	}
	for i := end + 1; end >= 0 && i < len(s.tokens) && s.tokens[i].kind == ','; i++ {
		l.thousands++
	}
	for i := l.first; i >= 0 && i < l.last; i++ {
		l.grouped = l.grouped || s.tokens[i].kind == ','
	}
	return l
}

// scale parts a number into what stands before the E and the power behind it.
func (l *layout) scale(v float64) (mantissa float64, power int) {
	if l.exponent < 0 || v == 0 {
		return v, 0
	}
	power = int(math.Floor(math.Log10(v)))
	if l.whole > 1 {
		power = l.whole * int(math.Floor(float64(power)/float64(l.whole)))
	}
	if v /= math.Pow(10, float64(power)); roundTo(v, l.decimals) >= math.Pow(10, float64(max(l.whole, 1))) {
		v, power = v/10, power+1
	}
	return v, power
}

// digits are those of a number before the point and behind it.
func (l *layout) digits(v float64) (before, behind string) {
	before, behind, _ = strings.Cut(strconv.FormatFloat(roundTo(v, l.decimals), 'f', min(l.decimals, 30), 64), ".")
	if before = strings.TrimLeft(before, "0"); len(before) < l.least {
		before = strings.Repeat("0", l.least-len(before)) + before
	}
	for len(behind) > l.keep && behind[len(behind)-1] == '0' {
		behind = behind[:len(behind)-1]
	}
	return before, behind
}

// place writes the digits of the nth placeholder before the point. The first
// one takes all that have none of their own.
func (l *layout) place(b *strings.Builder, digits string, nth int) {
	to := len(digits) - (l.whole - nth - 1)
	from := to - 1
	if nth == 0 {
		from = 0
	}
	for n := max(from, 0); n < to; n++ {
		b.WriteByte(digits[n])
		if left := len(digits) - n - 1; l.grouped && left > 0 && left%3 == 0 {
			b.WriteByte(',')
		}
	}
}

// numberText writes a number that is not negative.
func (s *formatSection) numberText(v float64) string {
	l := s.layout()
	for range l.percents {
		v *= 100
	}
	if l.slash >= 0 {
		return s.fraction(v, l.slash)
	}
	for range l.thousands {
		v /= 1000
	}
	v, power := l.scale(v)
	digits, behind := l.digits(v)
	var b strings.Builder
	nth := 0
	point := false
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
			point = true
		case t.kind == 'E':
			return b.String() + exponentText(power, t.text == "+", s.tokens[i+1:])
		case isPlaceholder(t) && !point:
			l.place(&b, digits, nth)
			nth++
		}
	}
	return b.String()
}

// exponentText writes a power of ten with at least as many digits as places.
func exponentText(power int, plus bool, places []formatToken) string {
	sign := ""
	if power < 0 {
		sign = "-"
	} else if plus {
		sign = "+"
	}
	width := 0
	for _, t := range places {
		if isPlaceholder(t) {
			width++
		}
	}
	return "E" + sign + padded(int64(max(power, -power)), width)
}

// padded writes a number with zeros before it.
func padded(n int64, width int) string {
	out := strconv.FormatInt(n, 10)
	return strings.Repeat("0", max(width-len(out), 0)) + out
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

// moment is a count of days taken apart, for the parts of a date to be written.
type moment struct {
	t        time.Time
	seconds  int64 // since day 0
	part     int64 // of a second, in as many digits as places
	places   int   // of a second's fraction
	halfDays bool  // AM and PM
}

// dateText writes a count of days as a date or a time.
func (s *formatSection) dateText(days float64, from1904 bool) string {
	has := map[rune]bool{}
	places := 0
	for i, t := range s.tokens {
		has[t.kind] = true
		if t.kind == '0' && i > 0 && (s.tokens[i-1].kind == '.' || places > 0) {
			places++
		}
	}
	elapsed := has['H'] || has['N'] || has['S']
	if !elapsed && (days < 0 || days > 2_958_466) { // the year 9999
		return general(days)
	}
	m := momentOf(math.Abs(days), places, has['s'] || has['S'], from1904)
	m.halfDays = has['a']
	if has['y'] && has['m'] && has['d'] && !elapsed {
		switch {
		case has['s']:
			return m.t.Format("2006-01-02 15:04:05")
		case has['h']:
			return m.t.Format("2006-01-02 15:04")
		}
		return m.t.Format("2006-01-02")
	}
	var b strings.Builder
	if days < 0 {
		b.WriteByte('-')
	}
	fractionLeft := false
	for _, k := range s.tokens {
		if k.kind == '0' && fractionLeft {
			continue
		}
		fractionLeft = fractionLeft || k.kind == '.' && places > 0
		b.WriteString(m.write(k))
	}
	return strings.TrimSpace(b.String())
}

func momentOf(days float64, places int, withSeconds, from1904 bool) moment {
	digits := min(places, 3)
	unit := math.Pow(10, float64(digits))
	ticks := math.Round(days * 86400 * unit)
	seconds := int64(ticks / unit)
	m := moment{seconds: seconds, part: int64(ticks) - seconds*int64(unit), places: digits}
	if !withSeconds {
		// Shown minutes are cut, not rounded; a second less than a full one is
		// only what the processor computed.
		m.seconds = int64(math.Floor(days*86400 + 0.5))
	}
	m.t = sheetEpoch(from1904).AddDate(0, 0, int(m.seconds/86400)).Add(time.Duration(m.seconds%86400) * time.Second)
	return m
}

// The forms of days, months and years by how often their letter stands.
var (
	dayForms   = []string{"2", "02", "Mon", "Monday"}
	monthForms = []string{"1", "01", "Jan", "January", "Jan"}
	yearForms  = []string{"06", "06", "2006"}
)

// write gives one part of a date or a time.
func (m *moment) write(k formatToken) string {
	form := func(forms []string) string { return m.t.Format(forms[min(len(k.text), len(forms))-1]) }
	number := func(n int64) string { return padded(n, len(k.text)) }
	switch k.kind {
	case 'L', '/', ',':
		return k.text
	case '.':
		if m.places > 0 {
			return "." + padded(m.part, m.places)
		}
		return "."
	case '0':
		return "0"
	case 'y':
		return form(yearForms)
	case 'm':
		return form(monthForms)
	case 'd':
		return form(dayForms)
	case 'h':
		hour := int64(m.t.Hour())
		if m.halfDays {
			hour = (hour+11)%12 + 1
		}
		return number(hour)
	case 'n':
		return number(m.seconds / 60 % 60)
	case 's':
		return number(m.seconds % 60)
	case 'a':
		return m.t.Format("PM")
	case 'H':
		return number(m.seconds / 3600)
	case 'N':
		return number(m.seconds / 60)
	case 'S':
		return number(m.seconds)
	}
	return ""
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
