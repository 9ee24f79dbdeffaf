#include "espeak.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is used of libespeak-ng's interface (speak_lib.h, version 1.49 and on).
// It is loaded when the program runs, so that building needs no header of it.
typedef struct {
	int type;
	unsigned int unique_identifier;
	int text_position; // characters, from 1
	int length;
	int audio_position; // ms
	int sample;
	void *user_data;
	union {
		int number;
		const char *name;
		char string[8];
	} id;
} event;

enum { SYNCHRONOUS = 2, PHONEME_EVENTS = 1, PHONEME_IPA = 2, DONT_EXIT = 0x8000 };
enum { EVENT_END_OF_LIST = 0, EVENT_WORD = 1, EVENT_PHONEME = 7 };
enum { PARAM_RATE = 1, PARAM_PITCH = 3 };
enum { CHARS_UTF8 = 1, POS_CHARACTER = 1 };

static struct speech *out;
static size_t room, places;

static int keep(short *wav, int n, event *e) {
	if (wav && n > 0) {
		if (out->samples + n > out->most) return 1; // enough
		if (out->samples + n > room) {
			room = (out->samples + n) * 2;
			short *more = realloc(out->pcm, room * sizeof *more);
			if (!more) return 1;
			out->pcm = more;
		}
		memcpy(out->pcm + out->samples, wav, n * sizeof *wav);
		out->samples += n;
	}
	for (; e && e->type != EVENT_END_OF_LIST; e++) {
		if (e->type != EVENT_PHONEME && e->type != EVENT_WORD) continue;
		if (out->marks_n == places) {
			places = places ? places * 2 : 256;
			struct mark *more = realloc(out->marks, places * sizeof *more);
			if (!more) return 1;
			out->marks = more;
		}
		struct mark *m = &out->marks[out->marks_n++];
		memset(m, 0, sizeof *m);
		m->at = e->audio_position;
		m->word = e->type == EVENT_WORD;
		m->from = e->text_position;
		m->length = e->length;
		if (!m->word) memcpy(m->ipa, e->id.string, sizeof e->id.string);
	}
	return 0;
}

static void *sym(void *lib, const char *name) {
	void *f = dlsym(lib, name);
	if (!f) snprintf(out->error, sizeof out->error, "libespeak-ng has no %s", name);
	return f;
}

int speak(struct speech *s, const char *text, const char *voice, int rate, int pitch) {
	out = s;
	void *lib = dlopen("libespeak-ng.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		snprintf(s->error, sizeof s->error, "%s", dlerror()); // the package libespeak-ng1 has it
		return 1;
	}
	int (*initialize)(int, int, const char *, int) = sym(lib, "espeak_Initialize");
	void (*callback)(int (*)(short *, int, event *)) = sym(lib, "espeak_SetSynthCallback");
	int (*set_voice)(const char *) = sym(lib, "espeak_SetVoiceByName");
	int (*set)(int, int, int) = sym(lib, "espeak_SetParameter");
	int (*synth)(const void *, size_t, unsigned, int, unsigned, unsigned, unsigned *, void *) = sym(lib, "espeak_Synth");
	int (*finish)(void) = sym(lib, "espeak_Synchronize");
	if (!initialize || !callback || !set_voice || !set || !synth || !finish) return 1;
	s->rate = initialize(SYNCHRONOUS, 0, NULL, PHONEME_EVENTS | PHONEME_IPA | DONT_EXIT);
	if (s->rate <= 0) {
		snprintf(s->error, sizeof s->error, "espeak-ng does not start: are its voices installed?");
		return 1;
	}
	s->most = (size_t)s->rate * MOST_SECONDS;
	callback(keep);
	if (set_voice(voice)) {
		snprintf(s->error, sizeof s->error, "there is no voice %s", voice);
		return 2;
	}
	set(PARAM_RATE, rate, 0);
	set(PARAM_PITCH, pitch, 0);
	if (synth(text, strlen(text) + 1, 0, POS_CHARACTER, 0, CHARS_UTF8, NULL, NULL) || finish()) {
		snprintf(s->error, sizeof s->error, "espeak-ng cannot speak this");
		return 1;
	}
	return 0;
}
