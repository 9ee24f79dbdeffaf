package httpd

import (
	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

var (
	signIns = transport.Limit{Name: "sign-in", PerMinute: 300, ByAddress: true} // a class behind one address comes in at once
	loads   = transport.Limit{Name: "costly", PerMinute: 30}                    // what costs much: imports, exports, prints
	uploads = transport.Limit{Name: "upload", PerMinute: 120}                   // files
	voices  = transport.Limit{Name: "voice", PerMinute: 120}                    // sentences
	forgets = transport.Limit{Name: "forget", PerMinute: 30}                    // each has the file cleaned
	helps   = transport.Limit{Name: "help", PerMinute: 6}                       // calls for a teacher
)

const rosterBody = 16 << 20 // 5,000 pupils in base64

var (
	student = appliance.RoleStudent.Rank()
	teacher = appliance.RoleTeacher.Rank()
	admin   = appliance.RoleAdmin.Rank()
	owner   = appliance.RoleOwner.Rank()
)

// policies is the one table of who may do what.
var policies = map[string]transport.Policy{
	// before the sign-in
	"getBox":              {},
	"getQR":               {},
	"getHealth":           {},
	"register":            {Limit: signIns, Audit: "-"},
	"login":               {Limit: signIns, Audit: "-"},
	"signInPupil":         {Limit: signIns, Audit: "-"},
	"refresh":             {Limit: signIns, Audit: "-"},
	"getPublicClass":      {Limit: signIns},
	"getPublicInvitation": {Limit: signIns},
	"listPictures":        {},
	"getPicture":          {},
	"logout":              {Least: student, Audit: "session.signed_out"},
	"getMe":               {Least: student},
	"updateMe":            {Least: student, Audit: "-"},
	"listMySessions":      {Least: student},
	"endMySession":        {Least: student, Audit: "session.ended"},
	"changePassword":      {Least: teacher, Audit: "password.changed", Limit: signIns},

	// the school
	"listOrganizations":  {Least: owner},
	"createOrganization": {Least: owner, Audit: "-", Creates: true},
	"getOrganization":    {Least: student, Own: true},
	"updateOrganization": {Least: admin, Own: true, Audit: "-"},
	"eraseOrganization":  {Least: owner, Own: true, Audit: "-"},
	"listMembers":        {Least: teacher, Own: true},
	"addMember":          {Least: teacher, Own: true, Audit: "-", Creates: true},
	"getMember":          {Least: teacher, Own: true},
	"updateMember":       {Least: teacher, Own: true, Audit: "-"},
	"removeMember":       {Least: teacher, Own: true, Audit: "-"},
	"resetMember":        {Least: teacher, Own: true, Audit: "-"},
	"invite":             {Least: teacher, Own: true, Audit: "-", Creates: true},
	"listInvitations":    {Least: teacher, Own: true},
	"revokeInvitation":   {Least: teacher, Own: true, Audit: "-"},
	"listClasses":        {Least: teacher, Own: true},
	"addClass":           {Least: teacher, Own: true, Audit: "-", Creates: true},
	"getClass":           {Least: teacher, Own: true},
	"updateClass":        {Least: teacher, Own: true, Audit: "-"},
	"deleteClass":        {Least: teacher, Own: true, Audit: "-"},
	"newClassCode":       {Least: teacher, Own: true, Audit: "-"},
	"joinClass":          {Least: teacher, Own: true, Audit: "-"},
	"leaveClass":         {Least: teacher, Own: true, Audit: "-"},
	"getCards":           {Least: teacher, Own: true, Limit: loads},
	"letClassIn":         {Least: teacher, Own: true, Audit: "-"},
	"previewImport":      {Least: teacher, Own: true, Audit: "-", MaxBody: rosterBody, Limit: loads},
	"importRoster":       {Least: teacher, Own: true, Audit: "-", MaxBody: rosterBody, Limit: loads, Creates: true},
	"listImports":        {Least: teacher, Own: true},
	"undoImport":         {Least: teacher, Own: true, Audit: "-"},
	"listAudit":          {Least: owner, Own: true},
	"addSample":          {Least: teacher, Audit: "-", Creates: true},

	// material
	"uploadSource":  {Least: teacher, Audit: "-", Creates: true, Limit: uploads, MaxBody: -1},
	"getSourceFile": {Least: student},
	"listSources":   {Least: student},
	"getSource":     {Least: student},
	"listChunks":    {Least: student},
	"retrySource":   {Least: teacher, Audit: "-"},
	"cancelSource":  {Least: teacher, Audit: "-"},
	"deleteSource":  {Least: teacher, Audit: "-"},
	"shareSource":   {Least: teacher, Audit: "-"},
	"watchSources":  {Least: student},

	// answers
	"respond":            {Least: student, Audit: "-"},
	"listConversations":  {Least: student},
	"getConversation":    {Least: student},
	"deleteConversation": {Least: student, Audit: "-"},

	"askForHelp": {Least: student, Audit: "-", Limit: helps},
	"transcribe": {Least: student, Audit: "-", Limit: voices, MaxBody: -1},
	"speak":      {Least: student, Audit: "-", Limit: voices},
	"listVoices": {Least: student},

	// tutors
	"listPersonas":       {Least: student},
	"getPersona":         {Least: student},
	"createPersona":      {Least: teacher, Audit: "-", Creates: true},
	"updatePersona":      {Least: teacher, Audit: "-"},
	"deletePersona":      {Least: teacher, Audit: "-"},
	"getPersonaSettings": {Least: teacher},
	"setPersonaSettings": {Least: teacher, Audit: "-"},
	"sharePersona":       {Least: teacher, Audit: "-"},
	"copyPersona":        {Least: teacher, Audit: "-", Creates: true},
	"listVersions":       {Least: teacher},
	"restoreVersion":     {Least: teacher, Audit: "-"},
	"getPersonaFile":     {Least: teacher},
	"previewPersona":     {Least: teacher, Audit: "-", Limit: loads},
	"retrieve":           {Least: teacher},

	// care
	"listFlags":      {Least: teacher, Own: true},
	"seeFlag":        {Least: teacher, Own: true, Audit: "-"},
	"listMemories":   {Least: student},
	"deleteMemory":   {Least: student, Audit: "-", Limit: forgets},
	"deleteMemories": {Least: student, Audit: "-", Limit: forgets},

	// models
	"getModels":    {Least: admin, Own: true},
	"setModels":    {Least: owner, Own: true, Audit: "-"},
	"tryModel":     {Least: owner, Own: true, Audit: "-", Limit: loads},
	"getUsage":     {Least: teacher, Own: true},
	"listAPIKeys":  {Least: admin, Own: true},
	"addAPIKey":    {Least: admin, Own: true, Audit: "-"},
	"deleteAPIKey": {Least: admin, Own: true, Audit: "-"},

	// programs
	"chatCompletions": {Program: true, Audit: "-", MaxBody: 512 << 10},
	"listModels":      {Program: true},
	"embeddings":      {Program: true, Audit: "-", MaxBody: 512 << 10},

	// the chat socket and its frames
	"GET /ws/chat":         {Least: student},
	"frame " + frameAsk:    {Least: student},
	"frame " + frameResume: {Least: student},
	"frame " + frameCancel: {Least: student},
	"frame " + framePing:   {Least: student},

	// what is no operation of the API
	"GET /api/openapi.json": {},
	"GET /api/docs":         {},
	"GET /ca.crt":           {},
	"web app":               {},
}
