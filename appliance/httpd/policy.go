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
	"register":            {Limit: signIns},
	"login":               {Limit: signIns},
	"signInPupil":         {Limit: signIns},
	"refresh":             {Limit: signIns},
	"getPublicClass":      {Limit: signIns},
	"getPublicInvitation": {Limit: signIns},
	"listPictures":        {},
	"getPicture":          {},
	"logout":              {Least: student},
	"getMe":               {Least: student},
	"updateMe":            {Least: student},
	"listMySessions":      {Least: student},
	"endMySession":        {Least: student},
	"changePassword":      {Least: teacher, Limit: signIns},

	// the school
	"listOrganizations":  {Least: owner},
	"createOrganization": {Least: owner, Creates: true},
	"getOrganization":    {Least: student, Own: true},
	"updateOrganization": {Least: admin, Own: true},
	"eraseOrganization":  {Least: owner, Own: true},
	"listMembers":        {Least: teacher, Own: true},
	"addMember":          {Least: teacher, Own: true, Creates: true},
	"getMember":          {Least: teacher, Own: true},
	"updateMember":       {Least: teacher, Own: true},
	"removeMember":       {Least: teacher, Own: true},
	"resetMember":        {Least: teacher, Own: true},
	"invite":             {Least: teacher, Own: true, Creates: true},
	"listInvitations":    {Least: teacher, Own: true},
	"revokeInvitation":   {Least: teacher, Own: true},
	"listClasses":        {Least: teacher, Own: true},
	"addClass":           {Least: teacher, Own: true, Creates: true},
	"getClass":           {Least: teacher, Own: true},
	"updateClass":        {Least: teacher, Own: true},
	"deleteClass":        {Least: teacher, Own: true},
	"newClassCode":       {Least: teacher, Own: true},
	"joinClass":          {Least: teacher, Own: true},
	"leaveClass":         {Least: teacher, Own: true},
	"getCards":           {Least: teacher, Own: true, Limit: loads},
	"letClassIn":         {Least: teacher, Own: true},
	"previewImport":      {Least: teacher, Own: true, MaxBody: rosterBody, Limit: loads},
	"importRoster":       {Least: teacher, Own: true, MaxBody: rosterBody, Limit: loads, Creates: true},
	"listImports":        {Least: teacher, Own: true},
	"undoImport":         {Least: teacher, Own: true},
	"listAudit":          {Least: owner, Own: true},
	"addSample":          {Least: teacher, Creates: true},

	// material
	"uploadSource":    {Least: teacher, Creates: true, Limit: uploads, MaxBody: -1},
	"getSourceFile":   {Least: student},
	"listSources":     {Least: student},
	"getSource":       {Least: student},
	"listChunks":      {Least: student},
	"retrySource":     {Least: teacher},
	"cancelSource":    {Least: teacher},
	"deleteSource":    {Least: teacher},
	"shareSource":     {Least: teacher},
	"editSource":      {Least: teacher},
	"listText":        {Least: teacher},
	"getText":         {Least: teacher},
	"mendText":        {Least: teacher, MaxBody: 1 << 20},
	"restoreText":     {Least: teacher},
	"movePage":        {Least: teacher},
	"turnPage":        {Least: teacher},
	"readAgain":       {Least: teacher},
	"listPassages":    {Least: teacher},
	"markWrong":       {Least: teacher},
	"unmarkWrong":     {Least: teacher},
	"getArchive":      {Least: teacher},
	"estimateArchive": {Least: teacher, Limit: loads},
	"takeArchive":     {Least: teacher, Limit: loads},

	"listLabels":      {Least: student},
	"changeSources":   {Least: teacher},
	"bringBackSource": {Least: teacher},
	"eraseSource":     {Least: teacher},
	"watchSources":    {Least: student},

	// answers
	"respond":            {Least: student},
	"listConversations":  {Least: student},
	"getConversation":    {Least: student},
	"deleteConversation": {Least: student},

	"rateAnswer":   {Least: student},
	"unrateAnswer": {Least: student},

	"askForHelp": {Least: student, Limit: helps},
	"transcribe": {Least: student, Limit: voices, MaxBody: -1},
	"speak":      {Least: student, Limit: voices},
	"listVoices": {Least: student},

	// tutors
	"listPersonas":       {Least: student},
	"getPersona":         {Least: student},
	"createPersona":      {Least: teacher, Creates: true},
	"updatePersona":      {Least: teacher},
	"deletePersona":      {Least: teacher},
	"getPersonaSettings": {Least: teacher},
	"setPersonaSettings": {Least: teacher},
	"sharePersona":       {Least: teacher},
	"copyPersona":        {Least: teacher, Creates: true},
	"listVersions":       {Least: teacher},
	"restoreVersion":     {Least: teacher},
	"getPersonaFile":     {Least: teacher},
	"previewPersona":     {Least: teacher, Limit: loads},
	"retrieve":           {Least: teacher},

	// care
	"listFlags":      {Least: teacher, Own: true},
	"countFlags":     {Least: teacher, Own: true},
	"seeFlag":        {Least: teacher, Own: true},
	"listFeedback":   {Least: teacher, Own: true},
	"countFeedback":  {Least: teacher, Own: true},
	"finishFeedback": {Least: teacher, Own: true},
	"reopenFeedback": {Least: teacher, Own: true},
	"listPins":       {Least: teacher},
	"addPin":         {Least: teacher, Creates: true},
	"updatePin":      {Least: teacher},
	"removePin":      {Least: teacher},
	"bringBackPin":   {Least: teacher},
	"listMemories":   {Least: student},
	"deleteMemory":   {Least: student, Limit: forgets},
	"deleteMemories": {Least: student, Limit: forgets},

	// models
	"getModels":     {Least: admin, Own: true},
	"setModels":     {Least: owner, Own: true},
	"listBoxModels": {Least: admin, Own: true},
	"tryModel":      {Least: owner, Own: true, Limit: loads},
	"getUsage":      {Least: teacher, Own: true},
	"listAPIKeys":   {Least: admin, Own: true},
	"addAPIKey":     {Least: admin, Own: true},
	"deleteAPIKey":  {Least: admin, Own: true},

	// programs
	"chatCompletions": {Program: true, MaxBody: 512 << 10},
	"listModels":      {Program: true},
	"embeddings":      {Program: true, MaxBody: 512 << 10},

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
