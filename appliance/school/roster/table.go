package roster

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/problem"
)

const (
	sampleRows = 12
	maxColumns = 100
	maxClasses = 20
)

// Said is what somebody said of a list after its preview.
type Said struct {
	Tables []appliance.ImportTable
	Pupils []appliance.ImportLine
}

// Read finds the pupils in the sheets of a list.
func Read(sheets []Sheet, said Said) (List, error) {
	if rows, ok, err := oneRosterOf(sheets, said); ok || err != nil {
		return List{Rows: rows}, err
	}
	var list List
	rows := 0
	for _, sheet := range sheets {
		rows += len(sheet.Rows)
	}
	if rows > 20*MaxRows {
		return list, errLong()
	}
	tables := make([]table, len(sheets))
	sure := false
	for i, sheet := range sheets {
		tables[i] = propose(sheet)
		for _, s := range said.Tables {
			if s.File == sheet.File && s.Sheet == sheet.Name {
				tables[i].take(s)
			}
		}
		sure = sure || tables[i].Sure && tables[i].Header > 0
	}
	lines := 0
	for i := range tables {
		t := &tables[i]
		if sure && t.Header == 0 && !t.said && len(tables) > 1 { // a sheet of notes beside the list
			t.Skip, t.Sure = true, true
		}
		if t.Skip {
			list.Tables = append(list.Tables, t.ImportTable)
			continue
		}
		if t.prices && !t.said {
			return list, errNotPupils()
		}
		for _, row := range t.rows[t.Header:] {
			if filled(row) > 0 {
				lines++
			}
		}
		if lines > MaxRows {
			return list, errLong()
		}
		own, err := t.read(said.Pupils)
		if err != nil {
			return list, err
		}
		list.Rows = append(list.Rows, own...)
		list.Tables = append(list.Tables, t.ImportTable)
		list.Unsure = list.Unsure || !t.Sure
	}
	var err error
	list.Rows, err = finish(list.Rows, said.Pupils)
	return list, err
}

// table is a sheet with what its columns are taken for.
type table struct {
	appliance.ImportTable
	rows   [][]string
	said   bool // by somebody
	prices bool // its columns are those of goods
	staff  bool // its title says that it lists staff
}

// propose finds out what the columns of a sheet are.
func propose(sheet Sheet) table {
	t := table{rows: sheet.Rows, ImportTable: appliance.ImportTable{File: sheet.File, Sheet: sheet.Name}}
	at, columns := findHeader(sheet.Rows)
	if at >= 0 {
		for i, c := range columns {
			if strings.HasPrefix(c.meaning, "id") && onlyCounts(sheet.Rows[at+1:], i) {
				columns[i].meaning = "none"
			}
		}
		columns = settle(columns)
		t.Header, t.Sure = at+1, sureOfNames(columns)
	} else {
		columns, t.Sure = guess(sheet.Rows)
	}
	for _, c := range columns[:min(len(columns), maxColumns)] {
		meaning := c.meaning
		switch {
		case meaning == "" || meaning == "price":
			meaning = "none"
		case meaning == "id2" || meaning == "id3":
			meaning = "id"
		}
		t.Columns = append(t.Columns, appliance.ImportColumn{Title: c.title, Meaning: meaning, Sure: c.sure})
	}
	t.prices = goods(sheet.Rows, at, columns)
	for _, row := range append([][]string{{sheet.Name}}, sheet.Rows[:min(max(at, 0), len(sheet.Rows))]...) {
		for _, word := range strings.Fields(foldHeading(strings.Join(row, " "))) {
			t.staff = t.staff || staffs[word]
			if pupils[word] {
				t.staff = false
				break
			}
		}
	}
	if t.staff {
		t.Sure = false
	}
	for _, row := range sheet.Rows[:min(len(sheet.Rows), sampleRows)] {
		sample := make([]string, min(len(row), maxColumns))
		for i := range sample {
			sample[i] = strings.ToValidUTF8(short(row[i], 60), "?")
		}
		t.Sample = append(t.Sample, sample)
	}
	return t
}

func short(text string, n int) string {
	if letters := []rune(strings.TrimSpace(text)); len(letters) > n {
		return string(letters[:n]) + "…"
	}
	return strings.TrimSpace(text)
}

// take puts what somebody said in the place of the proposal.
func (t *table) take(s appliance.ImportTable) {
	t.said, t.Sure, t.Skip, t.staff = true, true, s.Skip, false
	t.Header = min(max(s.Header, 0), len(t.rows))
	titles := []string{}
	if t.Header > 0 {
		titles = t.rows[t.Header-1]
	}
	t.Columns = nil
	for i, c := range s.Columns {
		title := ""
		if i < len(titles) {
			title = strings.TrimSpace(titles[i])
		}
		t.Columns = append(t.Columns, appliance.ImportColumn{Title: title, Meaning: c.Meaning, Sure: true})
	}
}

// goods reports whether a table lists things and their prices.
func goods(rows [][]string, at int, columns []column) bool {
	count := func(row []string) (n int) {
		for _, text := range row {
			if m, _ := meaningOf(text); m == "price" {
				n++
			}
		}
		return n
	}
	if at >= 0 {
		for _, of := range []string{"class", "id", "role", "first", "last"} {
			if yes, _ := has(columns, of); yes {
				return false
			}
		}
		return count(rows[at]) > 0
	}
	for _, row := range rows[:min(len(rows), 10)] {
		if count(row) > 1 {
			return true
		}
	}
	return false
}

// at returns the columns of a meaning.
func (t *table) at(meaning string) (list []int) {
	for i, c := range t.Columns {
		if c.Meaning == meaning {
			list = append(list, i)
		}
	}
	return list
}

// cell joins the cells of a row that have a meaning.
func (t *table) cell(row []string, meaning string) string {
	var texts []string
	for _, i := range t.at(meaning) {
		if text := field(row, i); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " ")
}

// id is the best of a row's identifiers: the school's own or the ministry's
// before those that a program made up.
func (t *table) id(row []string) string {
	best, found := 4, ""
	for _, i := range t.at("id") {
		text := field(row, i)
		rank := 1
		switch m, _ := meaningOf(t.Columns[i].Title); m {
		case "id2":
			rank = 2
		case "id3":
			rank = 3
		}
		if strings.Contains(foldHeading(t.Columns[i].Title), "sdms") {
			rank = 0
		}
		if text != "" && rank < best {
			best, found = rank, text
		}
	}
	return found
}

var (
	separated = regexp.MustCompile(`\s*[,;\n|]\s*`)
	classLike = regexp.MustCompile(`^(class|classe|grade|form|year|std|standard|level|darasa|kidato|primary|senior|p|s)\.? ?\d{1,2}\b`)
)

// read goes through the rows below the header.
func (t *table) read(accepted []appliance.ImportLine) (list []Row, err error) {
	names, first, last := t.at("name"), t.at("first"), t.at("last")
	if len(names)+len(first)+len(last) == 0 {
		return nil, nil
	}
	nameColumn := append(append(slices.Clone(names), first...), last...)
	roles := t.at("role")
	rolesSaid, fills := 0, []int{}
	for _, row := range t.rows[t.Header:] {
		if f := filled(row); f > 0 {
			fills = append(fills, f)
			for _, i := range roles {
				if field(row, i) != "" {
					rolesSaid++
				}
			}
		}
	}
	usual := middle(fills)
	odd, even := 0, 0
	for n, row := range t.rows[t.Header:] {
		if filled(row) == 0 {
			continue
		}
		r := Row{File: t.File, Sheet: t.Sheet, Line: t.Header + n + 1, ExternalID: short(t.id(row), 100)}
		if len(names) > 0 {
			r.Name = t.cell(row, "name")
		} else {
			r.Name = strings.TrimSpace(t.cell(row, "first") + " " + t.cell(row, "last"))
		}
		if t.Header == 0 && len(t.Columns) == 1 {
			r.Name = numbered.ReplaceAllString(r.Name, "")
		}
		for _, i := range t.at("class") {
			for _, class := range separated.Split(field(row, i), -1) {
				if class = strings.TrimSpace(class); class != "" && len(r.Classes) < maxClasses && !slices.Contains(r.Classes, class) {
					r.Classes = append(r.Classes, class)
				}
			}
		}
		alone := filled(row) == 1 && usual > 1
		role := roleOf(t.cell(row, "role"))
		named := r.Name
		r = clean(r)
		known := 0
		if t.Header > 0 && namesAgain(row) {
			_, known = headingsOf(row)
		}
		switch {
		case sum(row):
			r.Name = short(strings.Join(strings.FieldsFunc(strings.Join(row, "\x00"), func(c rune) bool { return c == 0 }), " · "), 60)
			r.leave("roster_sum", "This line is a sum or a note.")
		case t.Header > 0 && known > 1 && known*2 > filled(row) && !looksLikeName(field(row, nameColumn[0])+" x") || t.Header > 0 && slices.Equal(row, t.rows[t.Header-1]):
			r.leave("roster_heading", "This line names the columns again.")
		case role == "staff":
			r.leave("roster_role", "The list says that this is no pupil: "+short(t.cell(row, "role"), 40)+".")
		case t.saysStaff(row):
			r.leave("roster_role", "The list says that this is no pupil.")
		case named == "" && alone || notes.MatchString(foldHeading(named)):
			r.leave("roster_sum", "This line is a sum or a note.")
		case named == "":
		case r.Problem != nil:
		case role == "?" || role == "" && len(roles) > 0 && rolesSaid*2 > len(fills):
			r.doubt("roster_role_unknown", "The list does not say clearly whether this is a pupil.")
		case t.staff:
			r.doubt("roster_adult", "This may be a member of staff.")
		case role != "pupil" && adult.MatchString(strings.ToLower(named)):
			r.doubt("roster_adult", "This may be a member of staff.")
		case alone:
			r.doubt("roster_alone", "This line has less in it than the others: it may be a heading.")
		case !looksLikeName(named) || classLike.MatchString(foldHeading(named)):
			r.doubt("roster_name", "This does not look like a name.")
			odd++
		default:
			even++
		}
		if r.State == Ask && slices.Contains(accepted, r.at()) {
			r.State, r.Why = "", nil
		}
		list = append(list, r)
	}
	if odd > even && !t.said {
		return nil, errNotNames()
	}
	return list, nil
}

// saysStaff reports whether a cell that stands for nothing else says that the
// row is about staff.
func (t *table) saysStaff(row []string) bool {
	for i, text := range row {
		taken := i < len(t.Columns) && t.Columns[i].Meaning != "none" && t.Columns[i].Meaning != "id"
		if text = foldHeading(text); !taken && staff[text] {
			return true
		}
	}
	return false
}

func sum(row []string) bool {
	for _, text := range row {
		if text = foldHeading(text); text != "" {
			return sums.MatchString(text) // the first that is there
		}
	}
	return false
}

func filled(row []string) (n int) {
	for _, text := range row {
		if strings.TrimSpace(text) != "" {
			n++
		}
	}
	return n
}

// middle is the median.
func middle(numbers []int) int {
	if len(numbers) == 0 {
		return 0
	}
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}

func field(record []string, i int) string {
	if i < 0 || i >= len(record) {
		return ""
	}
	return strings.TrimSpace(record[i])
}

func errNotNames() error {
	return fail("roster_not_names", "This does not look like a list of names.",
		"Choose a list with one pupil on each line. Texts belong to the material.", nil)
}

func errNotPupils() error {
	return fail("roster_not_pupils", "This looks like a list of things and prices, not of pupils.",
		"Choose the list of a class. Other tables belong to the material.", nil)
}

func errLong() error {
	return problem.New(problem.TooLarge, "roster_long", "The list is too long.",
		"Load at most 5,000 pupils at once: split the list.", nil).With("limit", MaxRows)
}
