#pragma once
#include <stdint.h>

/// How often memory has been asked for since the program began (malloc, calloc, realloc, posix_memalign, aligned_alloc).
uint64_t allocation_count(void);
