package tables

import (
	"strings"
	"testing"

	"github.com/bwenge-os/bwenge/appliance"
)

var sectors = appliance.Table{
	Caption: "Sectors of the district",
	Columns: []string{"Sector", "People", "Schools", "Boreholes", "Area (km²)"},
	Rows: [][]string{
		{"Tumba 3", "21,000", "12", "2", "140"},
		{"Remera 2", "25,480", "9", "4", "98.5"},
		{"Zaza 2", "9,241", "4", "1", "241"},
		{"Kamara 4", "31,097", "17", "5", "77"},
		{"Total", "86,818", "42", "12", "556.5"},
	},
}

var timetable = appliance.Table{
	Columns: []string{"Day", "Time", "Subject", "Teacher"},
	Rows: [][]string{
		{"Monday", "8:00", "Mathematics", "Mr Kato"},
		{"Monday", "9:00", "Biology", "Ms Uwase"},
		{"Tuesday", "8:00", "English", "Mr Kato"},
		{"Tuesday", "9:00", "Chemistry", "Ms Ishimwe"},
	},
}

var week = appliance.Table{
	Columns: []string{"Hour", "Monday", "Tuesday", "Wednesday"},
	Rows: [][]string{
		{"8:00", "Mathematics", "English", "Games"},
		{"9:00", "Biology", "Chemistry", "Mathematics"},
	},
}

var harvest = appliance.Table{
	Caption: "Maize harvest of our school",
	Columns: []string{"Year", "Bags"},
	Rows:    [][]string{{"2021", "40"}, {"2022", "35"}, {"2023", "52"}},
}

var harvests = appliance.Table{
	Caption: "Bags harvested a year", Columns: []string{"", "Bags of maize", "Bags of beans"},
	Rows: [][]string{{"2022", "22", "9"}, {"2023", "41", "12"}},
}

var rain = appliance.Table{
	Caption: "Rain at Hill School", Columns: []string{"", "Rain in mm", "Population"},
	Rows: [][]string{{"March", "41", "10"}, {"April", "29", "11"}},
}

var pupils = appliance.Table{
	Columns: []string{"Name", "Age", "Height (cm)", "Founded"},
	Rows:    [][]string{{"Ada", "12", "150", "1990"}, {"Ben", "14", "141", "2001"}, {"Eva", "11", "163", "2000"}},
}

var provinces = appliance.Table{
	Columns: []string{"Province", "District", "People", "Doctors"},
	Rows: [][]string{{"Northern", "Burera", "387,000", "20"}, {"Northern", "Gicumbi", "448,000", "20"}, {"Northern", "Total", "835,000", "40"},
		{"Eastern", "Kayonza", "458,000", "2000"}, {"Eastern", "Total", "458,000", "2000"}},
	Repeats: [][]int{nil, {0, 3}, {0}, nil, {0}},
}

var lengths = appliance.Table{
	Columns: []string{"River", "Length"}, Rows: [][]string{{"Nyabarongo", "351 km"}, {"Mukungwa", "64,000 m"}},
}

var pays = appliance.Table{
	Columns: []string{"Pays", "Capitale", "Population (millions)"},
	Rows:    [][]string{{"Rwanda", "Kigali", "13,9"}, {"Burundi", "Gitega", "13,2"}, {"Kenya", "Nairobi", "55,1"}},
}

func TestFind(t *testing.T) {
	for _, test := range []struct {
		table    appliance.Table
		language string
		question string
		want     string // in the answer; "" for none
		row      string // in the first row shown
	}{
		{sectors, "en", "How many boreholes does Tumba 3 have?", ": 2", "Tumba 3"},
		{sectors, "en", "how many people live in REMERA 2", ": 25,480", "Remera 2"},
		{sectors, "en", "What is the area of Zaza 2?", ": 241", "Zaza 2"},
		{sectors, "en", "How large is Zaza 2?", ": 241", "Zaza 2"},
		{sectors, "en", "Which sector has the most people?", "Kamara 4 (31,097)", "Kamara 4"},
		{sectors, "en", "Which sector has the fewest schools?", "Zaza 2 (4)", "Zaza 2"},
		{sectors, "en", "How many people live in all sectors together?", "86,818", ""},
		{sectors, "en", "How many sectors are there?", "4", ""},
		{sectors, "en", "How many sectors have more than 10 schools?", "2", ""},
		{sectors, "en", "Which sectors have more than 10 schools?", "Tumba 3, Kamara 4", ""},
		{sectors, "en", "Which sectors have at least 25,000 people?", "Remera 2, Kamara 4", ""},
		{sectors, "en", "What is the average number of schools?", "10.5", ""},
		// What the table does not say is somebody else's.
		{sectors, "en", "How many teachers does Tumba 3 have?", "", ""},
		{sectors, "en", "How many people in Tumba 3 have electricity?", "", ""},
		{sectors, "en", "How many people lived in Tumba 3 in 1990?", "", ""},
		{sectors, "en", "How many people live in Tumba 9?", "", ""},
		{sectors, "en", "Why does Kamara 4 have so many people?", "", ""},
		{sectors, "en", "What is photosynthesis?", "", ""},
		{sectors, "en", "Which sector is the most beautiful?", "", ""},

		{timetable, "en", "On which day is Biology?", "Monday", "Monday"},
		{timetable, "en", "At what time is Chemistry?", "9:00", "Tuesday"},
		{timetable, "en", "Who teaches Biology?", "Ms Uwase", "Monday"},
		{timetable, "en", "Who is the teacher of Biology?", "Ms Uwase", "Monday"},
		{timetable, "en", "When is Chemistry on Tuesday?", "9:00", "Tuesday"},
		{timetable, "en", "When is Chemistry?", "", ""}, // day or time?
		{timetable, "en", "What are all the subjects on Tuesday?", "English, Chemistry", "Tuesday"},
		{sectors, "en", "Which sector has 17 schools?", "Kamara 4", "Kamara 4"},
		{sectors, "en", "Which sector does not have 17 schools?", "", ""},
		{timetable, "en", "What is after Biology on Monday?", "", ""},
		{sectors, "en", "What is the difference between the schools of Tumba 3 and Kamara 4?", "", ""},
		{sectors, "en", "Has Tumba 3 or Kamara 4 more schools?", "Tumba 3: 12, Kamara 4: 17", "Tumba 3"},
		{sectors, "en", "How do people in Tumba 3 live?", "", ""},
		{sectors, "en", "Explain the schools of Tumba 3", "", ""},
		{timetable, "en", "Which subject is on Monday at 9:00?", "Biology", "Monday"},
		{timetable, "en", "Which subjects are on Tuesday?", "English, Chemistry", "Tuesday"},

		{week, "en", "On which day is Biology?", "Monday (9:00)", "9:00"},
		{week, "en", "What is on Tuesday at 9:00?", "Chemistry", "9:00"},

		{pupils, "en", "Who is the tallest pupil?", "", ""}, // "pupil" is not known of the table
		{pupils, "en", "Which name is the tallest?", "Eva (163)", "Eva"},
		{pupils, "en", "What is the age of the tallest name?", "", ""},
		{pupils, "en", "Which name is the hottest?", "", ""},
		{pupils, "en", "Which name is the best?", "", ""},
		{pupils, "en", "How old is Ben?", ": 14", "Ben"},
		{sectors, "en", "Does Tumba 3 have the most people?", "", ""},
		{sectors, "en", "List all sectors", "", ""},
		{sectors, "en", "Which sectors have up to 10 schools?", "", ""},
		{sectors, "en", "Which sectors have 9 schools or more?", "", ""},
		{sectors, "en", "Which sector has about 17 schools?", "", ""},
		{sectors, "en", "How many sectors have more than 50 schools?", "", ""},
		{sectors, "en", "What does area mean?", "", ""},
		{provinces, "en", "Which district has the most people?", "Kayonza (458,000)", "Kayonza"},
		{provinces, "en", "How many people live in all districts together?", "1,293,000", ""},
		{provinces, "en", "How many doctors are there in total?", "2020", ""}, // a merged cell counts once
		{provinces, "en", "How many doctors were there in 2000?", "", ""},
		{lengths, "en", "Which river has the greatest length?", "", ""}, // kilometres and metres
		{harvest, "en", "How many bags did the school harvest in 2023?", "52", "2023"},
		{harvest, "en", "In which year was the harvest of bags highest?", "2023 (52)", "2023"},
		{harvest, "en", "How many bags in 2020?", "", ""},

		{rain, "en", "How much rain fell in April?", ": 29", "April"},
		{rain, "en", "How many people were there in March?", ": 10", "March"},
		{rain, "en", "How much rain fell in May?", "", ""},
		{harvests, "en", "How many bags were harvested in 2023?", "Bags of maize: 41; Bags of beans: 12", "2023"},
		{harvests, "en", "How many bags of maize were harvested in 2023?", ": 41", "2023"},

		{pays, "fr", "Quelle est la capitale du Burundi ?", "Gitega", "Burundi"},
		{pays, "fr", "Quel pays a la plus grande population ?", "Kenya (55,1)", "Kenya"},
		{pays, "fr", "Combien de pays ont une population de plus de 13 millions ?", "3", ""},
	} {
		a, ok := Find(test.question, test.language, test.table, test.table.Caption)
		if ok != (test.want != "") || !strings.Contains(a.Text, test.want) {
			t.Errorf("%q: %q, %v; want %q", test.question, a.Text, ok, test.want)
			continue
		}
		if test.row != "" && !strings.Contains(strings.Join(test.table.Rows[a.Rows[0]], "|"), test.row) {
			t.Errorf("%q: row %v", test.question, test.table.Rows[a.Rows[0]])
		}
	}
}

func TestParse(t *testing.T) {
	for cell, want := range map[string]float64{
		"1,250 RWF": 1250, "85 %": 85, "-2.5": -2.5, "1.250,50": 1250.5, "12 345": 12345, "3,5": 3.5, "RWF 1,250": 1250, "0.5 kg": 0.5, "$20": 20, "1,234,567": 1234567,
	} {
		if n, ok := parse(cell); !ok || n.value != want {
			t.Errorf("%q: %v %v", cell, n.value, ok)
		}
	}
	for _, cell := range []string{"Tumba 3", "", "9:00", "3 of 4", "12/5", "2-3", "n/a", "1 2"} {
		if n, ok := parse(cell); ok {
			t.Errorf("%q is no number: %v", cell, n.value)
		}
	}
}
