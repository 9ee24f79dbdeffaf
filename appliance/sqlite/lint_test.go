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
var boxWide = map[string]string{
	"NeedsSetup":         "whether anybody owns the box",
	"Organizations":      "the door's list",
	"OrganizationBySlug": "the door",
	"ClaimOrganization":  "whether anybody owns the box",
	"ClassByCode":        "the code is the key; everything after it is filtered",
	"InvitationByCode":   "the code is the key",
	"Session":            "the session's id is the key",
	"PurgeSessions":      "nightly care",
	"PurgeRequests":      "nightly care",
	"purgeConversations": "nightly care",
	"openSeals":          "all keys are opened at the start",
	"finishErasures":     "goes on with what a crash cut short",
	"finishDeletes":      "goes on with what a crash cut short",
	"sealOld":            "seals what was stored before there were keys",
	"CheckAudit":         "the check-up",
	"Check":              "the check-up",
	"Maintain":           "nightly care",
	"RebuildIndex":       "the index of all",
	"Reembed":            "all sources of an old model",
	"indexSome":          "the index of all",
	"eraseVector":        "a row of the index, by the id of a chunk that was found with its organization",
	"publishVectors":     "a row of the index, by the id of a chunk that was found with its organization",
	"Unfinished":         "scratch files of any organization",
	"ClaimJob":           "the queue is the box's",
	"ReleaseDead":        "the queue is the box's",
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
	for _, file := range []string{"0001_init.sql", "0002_people.sql"} {
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
	checked := 0
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
				if named == 0 || boxWide[name] != "" {
					return
				}
				checked++
				if filters := len(orgFilter.FindAllString(text, -1)); filters < named {
					t.Errorf("%s: %s names %d tables of organizations and org_id %d times: %s", set.Position(at), name, named, filters, strings.Join(strings.Fields(text), " "))
				}
			})
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
