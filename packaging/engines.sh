#!/usr/bin/env bash
# Builds the two native engines from pinned source packages, once per version
# and kind of CPU, outside the tree:
#
#   llama-server   chat and embeddings   llama.cpp, as shipped in a Python sdist
#   libwhisper     speech                whisper.cpp, as shipped in an npm package
#
#   packaging/engines.sh [LINK]     build what is missing, point LINK at it
#   packaging/engines.sh --print    print the folder, build nothing
#
# Environment:
#   BWENGE_CACHE      where sources and builds are kept (default ~/.cache/bwenge)
#   BWENGE_PORTABLE=1 for packages: runs on any CPU of this architecture and
#                     picks the fastest kernels at start, instead of using
#                     exactly the instructions of this machine (such a build
#                     dies with SIGILL on an older CPU)
#   BWENGE_JOBS       compilers at once (default: number of cores)
#
# Safe to interrupt: a build goes on where it stopped, and appears under its
# final name only when complete. A change to one engine rebuilds only that one.
set -euo pipefail
export LC_ALL=C # keys are hashes of sorted lists

# Pins. The sha256 is the archive's, checked before anything in it is used.
LLAMA_PACKAGE=llama-cpp-python LLAMA_VERSION=0.3.36
LLAMA_SHA256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
WHISPER_PACKAGE=nodejs-whisper WHISPER_VERSION=0.3.1 # holds whisper.cpp 1.9.1
WHISPER_SHA256=92041caf2b26c74b7f489fedf37bd093f216eebd61df512045ec2d19d0531d37
# Raise an engine's recipe number when its cmake options or changes change.
LLAMA_RECIPE=3
WHISPER_RECIPE=3

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${BWENGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bwenge}
portable=${BWENGE_PORTABLE:-}
jobs=${BWENGE_JOBS:-$(nproc)}
began=$(date +%s)

say() { printf '[engines %4ds] %s\n' $(($(date +%s) - began)) "$*" >&2; }
die() { printf 'engines: %s\n' "$*" >&2; exit 1; }

# need COMMAND PACKAGE: a missing tool is named with the package that has it.
need() { command -v "$1" >/dev/null || die "'$1' is not installed. Try: apt-get install $2"; }

# machine: what a native build depends on besides the sources.
machine() {
	uname -m
	"${CXX:-c++}" -dumpfullversion -dumpversion
	if [ -n "$portable" ]; then
		echo portable
	else
		# x86 calls them flags, arm64 Features. Their order is the kernel's.
		grep -m1 -E '^(flags|Features)' /proc/cpuinfo | tr ' \t' '\n\n' | sort -u
	fi
}

# key NAME VERSION SHA256 RECIPE
key() {
	local kind=native
	[ -z "$portable" ] || kind=portable
	printf '%s-%s-%s-%s' "$1" "$2" "$kind" \
		"$({ echo "$3 $4"; machine; } | sha256sum | cut -c1-12)"
}

# checked FILE SHA256
checked() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]; }

# fetch COMMAND… with a fresh folder as the last argument; the one archive that
# appears there is moved to $archive if it is the right one.
fetch() {
	local archive=$1 sum=$2 tmp got
	shift 2
	if checked "$archive" "$sum"; then return; fi
	mkdir -p "$cache/src"
	tmp=$(mktemp -d "$cache/src/.fetch.XXXXXX")
	# shellcheck disable=SC2064 # the folder's name is wanted as it is now
	trap "rm -rf '$tmp'" EXIT
	say "downloading $(basename "$archive")"
	"$@" "$tmp" >"$tmp.log" 2>&1 || { tail -n 20 "$tmp.log" >&2; rm -f "$tmp.log"
		die "could not download $(basename "$archive"). Check the connection and run it again."; }
	rm -f "$tmp.log"
	got=$(find "$tmp" -maxdepth 1 -type f | head -n 1)
	checked "$got" "$sum" || die "$(basename "$got") is not the file that was pinned (sha256 differs); nothing of it was used."
	mv "$got" "$archive"
	rm -rf "$tmp"
	trap - EXIT
}

pip_sdist() { # PACKAGE VERSION SHA256 FOLDER; pip checks the hash before it looks inside
	printf '%s==%s --hash=sha256:%s\n' "$1" "$2" "$3" >"$4.txt"
	local code=0
	PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip download --quiet --no-deps --no-binary "$1" \
		--require-hashes -r "$4.txt" -d "$4" || code=$?
	rm -f "$4.txt"
	return $code
}
npm_tarball() { npm pack --silent "$1@$2" --pack-destination "$3"; } # PACKAGE VERSION FOLDER

# unpack ARCHIVE PATH-IN-ARCHIVE FOLDER RECIPE [CHANGE]: CHANGE is a function
# that is called with the folder before it gets its name. The name holds no
# recipe number, so that ccache still knows the files that stayed the same.
unpack() {
	[ "$(cat "$3/.recipe" 2>/dev/null)" = "$4" ] && return
	say "unpacking $(basename "$1")"
	rm -rf "$3" "$3.partial"
	mkdir -p "$3.partial"
	tar -xzf "$1" -C "$3.partial" --strip-components="$(tr -cd / <<<"$2/" | wc -c)" "$2"
	[ -z "${5:-}" ] || "$5" "$3.partial"
	echo "$4" >"$3.partial/.recipe"
	mv "$3.partial" "$3"
}

# change_llama FOLDER: an embedding model has no next-word scores, yet for every
# token of a batch the library keeps room for them: 1 MB a token with the 250,002
# words of multilingual-e5, half a gigabyte in all.
change_llama() {
	local file=$1/src/llama-context.cpp before='    bool has_logits     = true;'
	grep -qxF "$before" "$file" || die "$(basename "$file") is not what the change in change_llama was made for."
	sed -i "s/^$before\$/    bool has_logits     = model.arch != LLM_ARCH_BERT;/" "$file"
}

# compile SOURCE BUILD TARGET OPTION…
compile() {
	local source=$1 build=$2 target=$3 generator=(-G "Unix Makefiles") launcher=()
	shift 3
	if command -v ninja >/dev/null; then generator=(-G Ninja); fi
	if command -v ccache >/dev/null; then
		launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
	fi
	if [ ! -f "$build/.configured" ]; then
		rm -rf "$build"
		mkdir -p "$build"
		CFLAGS=$(processor_flags) CXXFLAGS=$(processor_flags) cmake -S "$source" -B "$build" "${generator[@]}" "${launcher[@]}" \
			-DCMAKE_BUILD_TYPE=Release -DGGML_CCACHE=OFF "$@" >"$build/configure.log" 2>&1 ||
			{ tail -n 30 "$build/configure.log" >&2; die "cmake could not configure $target (all of it: $build/configure.log)"; }
		touch "$build/.configured"
	fi
	say "compiling $target with $jobs jobs (goes on where it stopped if you interrupt it)"
	NINJA_STATUS='[%f/%t %es] ' cmake --build "$build" --target "$target" -j "$jobs" >&2
}

# Of this processor everything but AMX: ggml's kernels for it crash on the
# embedding model (SIGSEGV in the first batch, seen on a Xeon that has it).
processor_flags() {
	if [ -z "$portable" ] && [ "$(uname -m)" = x86_64 ]; then
		echo -mno-amx-tile -mno-amx-int8 -mno-amx-bf16
	fi
}

ggml_options() {
	if [ -n "$portable" ]; then
		echo -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON \
			-DCMAKE_BUILD_RPATH_USE_ORIGIN=ON "-DCMAKE_BUILD_RPATH=\$ORIGIN"
	else
		echo -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=ON
	fi
}

# install_as FOLDER STAGED: the finished parts appear under their name at once.
install_as() {
	rm -rf "$1"
	mv "$2" "$1"
	rm -rf "$1.building"
	say "ready: $1"
}

build_llama() { # FOLDER
	local source=$cache/src/llama.cpp-$LLAMA_VERSION building=$1.building options
	read -ra options <<<"$(ggml_options)"
	fetch "$cache/src/$LLAMA_PACKAGE-$LLAMA_VERSION.tar.gz" $LLAMA_SHA256 \
		pip_sdist $LLAMA_PACKAGE $LLAMA_VERSION $LLAMA_SHA256
	unpack "$cache/src/$LLAMA_PACKAGE-$LLAMA_VERSION.tar.gz" \
		"llama_cpp_python-$LLAMA_VERSION/vendor/llama.cpp" "$source" $LLAMA_RECIPE change_llama
	compile "$source" "$building/build" llama-server "${options[@]}" \
		-DCMAKE_C_FLAGS_RELEASE="-O1 -DNDEBUG" -DCMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" \
		-DCMAKE_PROJECT_ggml_INCLUDE="$here/engines/recipe.cmake" \
		-DLLAMA_BUILD_NUMBER=0 -DLLAMA_BUILD_COMMIT="$LLAMA_PACKAGE-$LLAMA_VERSION" \
		-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
		-DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF \
		-DLLAMA_OPENSSL=OFF -DLLAMA_ALL_WARNINGS=OFF
	rm -rf "$building/out"
	mkdir -p "$building/out"
	cp "$building/build/bin/llama-server" "$building/out/"
	if [ -n "$portable" ]; then cp -a "$building"/build/bin/*.so* "$building/out/"; fi
	strip "$building/out/llama-server"
	cp "$source/LICENSE" "$building/out/LICENSE"
	install_as "$1" "$building/out"
	rm -rf "$source"
}

build_whisper() { # FOLDER
	local source=$cache/src/whisper.cpp-$WHISPER_VERSION building=$1.building options
	read -ra options <<<"$(ggml_options)"
	fetch "$cache/src/$WHISPER_PACKAGE-$WHISPER_VERSION.tgz" $WHISPER_SHA256 \
		npm_tarball $WHISPER_PACKAGE $WHISPER_VERSION
	unpack "$cache/src/$WHISPER_PACKAGE-$WHISPER_VERSION.tgz" package/cpp/whisper.cpp "$source" $WHISPER_RECIPE
	# whisper-cli is what make bench compares the box with.
	compile "$source" "$building/build" whisper-cli "${options[@]}" \
		-DCMAKE_C_FLAGS_RELEASE="-O3 -DNDEBUG" -DCMAKE_CXX_FLAGS_RELEASE="-O3 -DNDEBUG" \
		-DWHISPER_BUILD_TESTS=OFF -DWHISPER_BUILD_EXAMPLES=ON -DWHISPER_BUILD_SERVER=OFF \
		-DWHISPER_ALL_WARNINGS=OFF
	rm -rf "$building/out"
	mkdir -p "$building/out/lib" "$building/out/include"
	cp "$source"/include/*.h "$source"/ggml/include/*.h "$building/out/include/"
	find "$building/build" \( -name 'lib*.a' -o -name 'lib*.so*' \) -not -path '*/CMakeFiles/*' \
		-exec cp -a {} "$building/out/lib/" \;
	cp "$building/build/bin/whisper-cli" "$building/out/"
	# The Go binding links with -lggml-cpu. Here the processor's part is loaded
	# at start instead, one of several, so an empty library has to do.
	if [ -n "$portable" ]; then ar rcs "$building/out/lib/libggml-cpu.a"; fi
	cp "$source/LICENSE" "$building/out/LICENSE"
	install_as "$1" "$building/out"
	rm -rf "$source"
}

# link_set FOLDER LLAMA WHISPER: one folder from which the box uses both.
link_set() {
	local rpath=
	# The box's speech worker stands beside the folder "engines".
	[ -z "$portable" ] || rpath=' -Wl,-rpath,$ORIGIN/engines/whisper/lib'
	rm -rf "$1.partial"
	mkdir -p "$1.partial"
	ln -s "../$2/llama-server" "$1.partial/llama-server"
	ln -s "../$2" "$1.partial/llama"
	ln -s "../$3" "$1.partial/whisper"
	# For the shell that runs go build -tags whisper.
	cat >"$1.partial/whisper.env" <<-END
		CGO_CFLAGS='-I$cache/engines/$3/include'
		CGO_LDFLAGS='-L$cache/engines/$3/lib$rpath'
	END
	rm -rf "$1"
	mv "$1.partial" "$1"
}

# main is a function so that the shell has read all of this file before it
# starts: the file may change while a build runs.
main() {
	local link=${1:-} llama whisper set
	llama=$(key llama $LLAMA_VERSION $LLAMA_SHA256 $LLAMA_RECIPE)
	whisper=$(key whisper $WHISPER_VERSION $WHISPER_SHA256 $WHISPER_RECIPE)
	set=$cache/engines/$(printf '%s %s' "$llama" "$whisper" | sha256sum | cut -c1-16)
	if [ "$link" = --print ]; then
		echo "$set"
		return
	fi
	if [ ! -e "$set/llama-server" ] || [ ! -e "$set/whisper.env" ]; then
		need cmake cmake
		need "${CXX:-c++}" g++
		need strip binutils
		mkdir -p "$cache/engines"
		exec 9>"$cache/engines/.lock"
		flock -n 9 || { say "another build is running; waiting for it"; flock 9; }
		if [ ! -d "$cache/engines/$whisper" ]; then
			need npm npm
			build_whisper "$cache/engines/$whisper"
		fi
		if [ ! -d "$cache/engines/$llama" ]; then
			need python3 "python3 python3-pip"
			build_llama "$cache/engines/$llama"
		fi
		link_set "$set" "$llama" "$whisper"
		say "done"
	fi
	if [ -n "$link" ]; then
		mkdir -p "$(dirname "$link")"
		ln -sfn "$set" "$link"
	fi
}

main "$@"
exit
