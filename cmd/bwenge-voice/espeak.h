#include <stddef.h>

#define MOST_SECONDS 120

struct mark {
	int at; // ms
	int word;
	int from, length; // of a word: characters, from 1
	char ipa[16];     // of a phoneme
};

struct speech {
	short *pcm;
	size_t samples, most;
	int rate;
	struct mark *marks;
	size_t marks_n;
	char error[200];
};

int speak(struct speech *s, const char *text, const char *voice, int rate, int pitch);
