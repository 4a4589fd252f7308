/* The 8-bit library: patterns and subjects are bytes, never characters. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
