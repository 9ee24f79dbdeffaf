// Package tutor answers questions from a school's own material.
//
// One question is one [Run]. It goes through these steps, and each is an
// [appliance.Event] that the asker sees as it happens:
//
//  1. accepted: the question is stored; from here on a lost link, a closed
//     tablet or a power cut does not lose it ([Tutor.Resume]).
//  2. sources: hybrid search ([Retriever]) found these passages. They are
//     shown before the model says a word. Where the evidence is too thin, the
//     run ends here with "not in your material": that is decided by code
//     ([appliance.Evidence]) and never left to the model.
//  3. position: others are served first. The line is bounded and fair: askers
//     take turns, whoever has many questions waits with the later ones.
//  4. token: the model's text as it writes it.
//  5. done: the whole answer with its citations. They are attached by code:
//     every sentence is compared with the passages, and keeps only the
//     citations that support it (cite.go).
//
// Without a model, with one that fails before its first word, or with a wait
// that is too long, the answer is the best passages themselves
// (appliance.ModePassages).
package tutor
