package sqlite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// boxWide are the functions whose statements are about all organizations at
// once, each for a reason: the box's own care, or how one gets in before it is
// known to which organization one belongs.
var boxWide = map[string]struct {
	open int // tables that they name without one
	why  string
}{
	"NeedsSetup":         {1, "whether anybody owns the box"},
	"ClaimOrganization":  {1, "whether anybody owns the box"},
	"ClassByCode":        {1, "the code is the key; everything after it is filtered"},
	"InvitationByCode":   {1, "the code is the key"},
	"APIKeyByHash":       {1, "the key is its own filter; everything after it is filtered"},
	"Session":            {1, "the session's id is the key"},
	"PurgeSessions":      {1, "nightly care"},
	"PurgeRequests":      {1, "nightly care"},
	"PurgeAttempts":      {2, "nightly care"},
	"purgeConversations": {3, "nightly care"},
	"purgePins":          {3, "nightly care"},
	"openSeals":          {2, "all keys are opened at the start"},
	"finishDeletes":      {1, "goes on with what a crash cut short"},
	"sealOld":            {1, "seals what was stored before there were keys"},
	"CheckAudit":         {2, "the check-up"},
	"chainEnds":          {1, "the check-up"},
	"Check":              {1, "the check-up"},
	"Reembed":            {2, "all sources of an old model"},
	"indexSome":          {2, "the index of all"},
	"eraseVector":        {2, "a row of the index, by the id of a chunk that was found with its organization"},
	"publishVectors":     {1, "a row of the index, by the id of a chunk that was found with its organization"},
	"Unfinished":         {1, "scratch files of any organization"},
	"Expired":            {1, "nightly care"},
	"ClaimJob":           {2, "the queue is the box's"},
	"Overtaken":          {1, "the queue is the box's"},
	"ReleaseDead":        {1, "the queue is the box's"},
}

var (
	statement = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|UPDATE)\s+(\w+)`)
	orgFilter = regexp.MustCompile(`\borg_id = `)
	created   = regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\) STRICT`)
)

// TestEveryStatementNamesItsOrganization reads the SQL in the sources: each
// statement has to compare org_id as often as it reads or changes a table of
// organizations. So no filter can be taken out of any one query unnoticed, also
// where ids alone would have kept organizations apart.
func TestEveryStatementNamesItsOrganization(t *testing.T) {
	// The index of vectors knows organizations too, and so does a table whose
	// name stands in a variable.
	tables := map[string]bool{"chunk_vec": true, "WHERE": true}
	for _, file := range []string{"0001_init.sql", "0002_people.sql", "0003_tutor.sql", "0004_auth.sql", "0008_library.sql", "0009_archive.sql", "0011_feedback.sql"} {
		text := must[[]byte](t)(migrations.ReadFile("migration/" + file))
		for _, m := range created.FindAllSubmatch(text, -1) {
			if strings.Contains(string(m[2]), "org_id") {
				tables[strings.TrimSuffix(string(m[1]), "_new")] = true
			}
		}
	}
	if len(tables) < 20 {
		t.Fatal("too few tables:", tables)
	}
	checked, open := 0, map[string]int{} // tables without a filter, by function
	files := must[[]os.DirEntry](t)(os.ReadDir("."))
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		set := token.NewFileSet()
		parsed := must[*ast.File](t)(parser.ParseFile(set, file.Name(), nil, 0))
		for _, decl := range parsed.Decls {
			name := ""
			if fn, ok := decl.(*ast.FuncDecl); ok {
				name = fn.Name.Name
			}
			eachText(decl, func(text string, at token.Pos) {
				named := 0
				for _, m := range statement.FindAllStringSubmatch(text, -1) {
					if tables[m[1]] {
						named++
					}
				}
				if named == 0 {
					return
				}
				checked++
				filters := len(orgFilter.FindAllString(text, -1))
				if filters < named {
					open[name] += named - filters
				}
				if _, ok := boxWide[name]; !ok && filters < named {
					t.Errorf("%s: %s names %d tables of organizations and org_id %d times: %s", set.Position(at), name, named, filters, strings.Join(strings.Fields(text), " "))
				}
			})
		}
	}
	for name, was := range boxWide {
		if open[name] != was.open {
			t.Errorf("%s names %d tables without their organization, not %d as it should", name, open[name], was.open)
		}
	}
	if checked < 80 {
		t.Errorf("only %d statements were looked at", checked)
	}
}

// eachText visits the string constants below a node, those joined by + as one.
func eachText(node ast.Node, visit func(text string, at token.Pos)) {
	var joined []ast.Node
	ast.Inspect(node, func(n ast.Node) bool {
		switch e := n.(type) {
		case *ast.BinaryExpr:
			if e.Op == token.ADD && !slices.Contains(joined, ast.Node(e)) {
				text := flatten(e, &joined)
				visit(text, e.Pos())
			}
		case *ast.BasicLit:
			if e.Kind == token.STRING && !slices.Contains(joined, ast.Node(e)) {
				text, _ := strconv.Unquote(e.Value)
				visit(text, e.Pos())
			}
		}
		return true
	})
}

func flatten(e ast.Expr, joined *[]ast.Node) string {
	*joined = append(*joined, e)
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return flatten(e.X, joined) + flatten(e.Y, joined)
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	}
	return " "
}
