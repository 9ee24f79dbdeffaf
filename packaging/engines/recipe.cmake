# Read by cmake inside the ggml subproject only (CMAKE_PROJECT_ggml_INCLUDE):
# the number crunching is worth every optimisation, while the rest of
# llama-server (parsers, HTTP, one file per model family) compiles in half the
# time at -O1 and runs no slower for it.
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
