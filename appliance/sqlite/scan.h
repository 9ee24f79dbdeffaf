#include <stdint.h>

// scan writes the dot product of query with each of n rows of 384 numbers.
void scan(const int8_t *rows, int64_t n, const int8_t *query, int32_t *dots);
