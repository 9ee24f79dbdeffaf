package letters

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Superscript returns how a raised text that follows base is written in a line:
// "10" and "8" give "⁸", so that 10⁸ stays apart from 108. What has no raised
// letters of its own becomes "^(…)". The endings of ordinal numbers are only
// ornament: 1st, XXe. Marks of footnotes are not powers and do not belong here.
func Superscript(base, text string) string {
	text = strings.TrimSpace(text)
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(base, " "))
	if (unicode.IsDigit(last) || unicode.IsUpper(last)) && ordinals[strings.ToLower(text)] {
		return text
	}
	return Raise(text)
}

// Subscript is the same for a lowered text: "CO" and "2" give "₂".
func Subscript(_, text string) string { return Lower(strings.TrimSpace(text)) }

// Raise writes a text in raised letters: ², or ^(k+1) where it has none.
func Raise(text string) string { return script(text, raised, '^') }

// Lower writes it in lowered ones.
func Lower(text string) string { return script(text, lowered, '_') }

func script(text string, letters map[rune]rune, mark rune) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	for _, r := range text {
		if r == ' ' || r == '\u00a0' {
			continue
		}
		s, ok := letters[r]
		if !ok {
			if utf8.RuneCountInString(text) == 1 {
				return string(mark) + text
			}
			return string(mark) + "(" + text + ")"
		}
		b.WriteRune(s)
	}
	return b.String()
}

var ordinals = map[string]bool{
	"st": true, "nd": true, "rd": true, "th": true, // English
	"er": true, "ère": true, "re": true, "e": true, "è": true, "ème": true, "nde": true, "ers": true, // French
	"o": true, "a": true, "os": true, "as": true, "º": true, "ª": true,
	"®": true, "©": true, "™": true, "tm": true,
}

var raised = scripts("0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻−⁻–⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻ" +
	"⁰⁰¹¹²²³³⁴⁴⁵⁵⁶⁶⁷⁷⁸⁸⁹⁹⁺⁺⁻⁻ⁿⁿ°°′′″″**")

var lowered = scripts("0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊-₋−₋–₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓ" +
	"₀₀₁₁₂₂₃₃₄₄₅₅₆₆₇₇₈₈₉₉₊₊₋₋ₙₙ")

// scripts makes a table of pairs of letters.
func scripts(pairs string) map[rune]rune {
	table := map[rune]rune{}
	letters := []rune(pairs)
	for i := 0; i+1 < len(letters); i += 2 {
		table[letters[i]] = letters[i+1]
	}
	return table
}
