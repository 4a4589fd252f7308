// Sixteen bytes looked at in one step: what Swift's vectors cannot say in one instruction, namely one bit for each byte.
//
// Each function answers with sixteen bits, the first byte's lowest. Without SSE2 the compiler makes of the vectors what
// the machine has, and a loop gathers the bits.
#pragma once

#include <stdint.h>

typedef uint8_t cbytes16 __attribute__((ext_vector_type(16)));
typedef char cbytes_marks __attribute__((ext_vector_type(16)));

/// The sign bits of the marks.
static inline uint32_t cbytes_bits(cbytes_marks marks) {
#if defined(__SSE2__)
    typedef char vector __attribute__((vector_size(16)));
    return (uint32_t)__builtin_ia32_pmovmskb128((vector)marks);
#else
    uint32_t bits = 0;
    for (int place = 0; place < 16; place++) bits |= (uint32_t)(marks[place] < 0) << place;
    return bits;
#endif
}

/// Bytes that are `wanted`.
static inline uint32_t cbytes_equal(cbytes16 block, uint8_t wanted) { return cbytes_bits(block == (cbytes16)wanted); }

/// Bytes that are one of two.
static inline uint32_t cbytes_either(cbytes16 block, uint8_t one, uint8_t other) {
    return cbytes_bits((block == (cbytes16)one) | (block == (cbytes16)other));
}

/// Control bytes (0 to 0x1F, 0x7F) and the space.
static inline uint32_t cbytes_control_or_space(cbytes16 block) {
    return cbytes_bits((block <= (cbytes16)0x20) | (block == (cbytes16)0x7F));
}

/// Bytes that end a header parameter's value that has no quotes: tab, LF, CR, space, quote, comma, semicolon.
static inline uint32_t cbytes_value_end(cbytes16 block) {
    cbytes_marks blanks = (block == (cbytes16)'\t') | (block == (cbytes16)'\n') | (block == (cbytes16)'\r') |
                          (block == (cbytes16)' ');
    return cbytes_bits(blanks | (block == (cbytes16)'"') | (block == (cbytes16)',') | (block == (cbytes16)';'));
}

/// Bytes that cannot stand in a host name or an IPv4 address: all but letters, digits, `-`, `.` and `_`.
static inline uint32_t cbytes_not_host(cbytes16 block) {
    cbytes_marks letters = ((block | (cbytes16)0x20) - (cbytes16)'a') < (cbytes16)26;
    cbytes_marks digits = (block - (cbytes16)'0') < (cbytes16)10;
    cbytes_marks others = (block == (cbytes16)'-') | (block == (cbytes16)'.') | (block == (cbytes16)'_');
    return cbytes_bits(~(letters | digits | others));
}

/// Asks for the memory that will be looked at soon; any address is allowed.
static inline void cbytes_prefetch(const void *place) { __builtin_prefetch(place); }
