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
//  4. token: the next sentence of the answer. What code can answer (kind.go,
//     bycode.go, turn.go), it does. What a model writes is shown sentence by
//     sentence as each is proven by the passages (proof.go), and never taken back.
//  5. done: the whole answer with its citations: each sentence's is the place that
//     proves it.
//
// Where nothing of a model is proven, or there is none, the sentences of the
// material answer (pool.go, said.go), or, where they hardly do, are shown as
// passages (appliance.ModePassages).
package tutor
