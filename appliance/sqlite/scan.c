#include "scan.h"

// The fixed length and the plain loop let the compiler use whatever vector
// instructions the platform is sure to have.
enum { dimensions = 384 };

void scan(const int8_t *restrict rows, int64_t n, const int8_t *restrict query, int32_t *restrict dots) {
    int16_t wide[dimensions];
    for (int i = 0; i < dimensions; i++) {
        wide[i] = query[i];
    }
    for (int64_t r = 0; r < n; r++, rows += dimensions) {
        int32_t sum = 0;
        for (int i = 0; i < dimensions; i++) {
            sum += (int16_t)rows[i] * wide[i];
        }
        dots[r] = sum;
    }
}
