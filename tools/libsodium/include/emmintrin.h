/* The intrinsics of SSE2 that libsodium's Salsa20 and its comparison use, each by the instruction of WebAssembly. */
#ifndef EMMINTRIN_H
#define EMMINTRIN_H

#include <stdint.h>
#include <wasm_simd128.h>

typedef v128_t __m128i;

#define INLINE static __inline__ __attribute__((always_inline))

INLINE __m128i _mm_loadu_si128(const void *from) { return wasm_v128_load(from); }
INLINE void _mm_storeu_si128(void *to, __m128i a) { wasm_v128_store(to, a); }
INLINE __m128i _mm_setzero_si128(void) { return wasm_i32x4_const_splat(0); }
INLINE __m128i _mm_setr_epi32(int a, int b, int c, int d) { return wasm_i32x4_make(a, b, c, d); }
INLINE __m128i _mm_set_epi32(int d, int c, int b, int a) { return wasm_i32x4_make(a, b, c, d); }

INLINE __m128i _mm_add_epi32(__m128i a, __m128i b) { return wasm_i32x4_add(a, b); }
INLINE __m128i _mm_add_epi64(__m128i a, __m128i b) { return wasm_i64x2_add(a, b); }
INLINE __m128i _mm_xor_si128(__m128i a, __m128i b) { return wasm_v128_xor(a, b); }
INLINE __m128i _mm_or_si128(__m128i a, __m128i b) { return wasm_v128_or(a, b); }
INLINE __m128i _mm_slli_epi32(__m128i a, int count) { return wasm_i32x4_shl(a, (uint32_t) count); }
INLINE __m128i _mm_srli_epi32(__m128i a, int count) { return wasm_u32x4_shr(a, (uint32_t) count); }

#define _mm_shuffle_epi32(a, order) \
    wasm_i32x4_shuffle((a), (a), (order) & 3, ((order) >> 2) & 3, ((order) >> 4) & 3, ((order) >> 6) & 3)
INLINE __m128i _mm_unpacklo_epi32(__m128i a, __m128i b) { return wasm_i32x4_shuffle(a, b, 0, 4, 1, 5); }
INLINE __m128i _mm_unpackhi_epi32(__m128i a, __m128i b) { return wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); }
INLINE __m128i _mm_unpacklo_epi64(__m128i a, __m128i b) { return wasm_i64x2_shuffle(a, b, 0, 2); }
INLINE __m128i _mm_unpackhi_epi64(__m128i a, __m128i b) { return wasm_i64x2_shuffle(a, b, 1, 3); }

INLINE __m128i _mm_cmpeq_epi32(__m128i a, __m128i b) { return wasm_i32x4_eq(a, b); }
INLINE int _mm_movemask_epi8(__m128i a) { return (int) wasm_i8x16_bitmask(a); }
INLINE int _mm_cvtsi128_si32(__m128i a) { return wasm_i32x4_extract_lane(a, 0); }

#endif
