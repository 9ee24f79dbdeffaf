package text

import "slices"

// manner are words that say how somebody wants to be answered, or only fill a
// question, and not what it is about.
var manner = Set(`please explain describe define tell say give show name list easy easily easier simple simply words word child kid understand example examples
	difference differences different differ between compare same isnt arent thing whats meaning mean means called exactly really again help know question answer true right correct yes
	reason reasons kind kinds type types thing things way ways many much
	expliquer explique mots simples simple facile facilement exemple difference entre appelle appelles signifie veut dire svp plait vrai
	eleza maneno rahisi mfano tofauti maana tafadhali taja sobanura vuga urugero itandukaniro
	something someone somebody whats wait pls please hi hey must need needs get gets got goes go come comes does put easy`)

// Manner reports whether a folded word is one of those.
func Manner(word string) bool { return manner[word] }

// Subjects are the terms of a question without the words that only say how it is
// to be answered; all, where nothing else is left.
func Subjects(terms []string) []string {
	left := slices.DeleteFunc(slices.Clone(terms), func(w string) bool { return manner[w] })
	if len(left) == 0 {
		return terms
	}
	return left
}
