/*
 * crypto_secretbox_xsalsa20poly1305 of libsodium over memory that JavaScript fills and reads, with HSalsa20 hoisted out
 * of it. All primitives are libsodium's files as they are; tools/libsodium/build.mjs compiles this one and says which.
 *
 *     source   | ... 16 | tag 16 | text or ciphertext ... |
 *     target   | Poly1305's key  | text ...               |     opening only; sealing is done in place
 */
#ifdef WITH_SIMD
/* Before libsodium's own inclusion: what it marks for SSE2 may then be used by code without that mark. */
#include <emmintrin.h>
#endif
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto_verify/verify.c"

#include "crypto_core/hsalsa20/ref2/core_hsalsa20_ref2.c"
#undef ROUNDS
#ifdef WITH_SIMD
#include "crypto_stream/salsa20/xmm6int/salsa20_xmm6int-sse2.c"
#define stream_xor stream_sse2_xor_ic
#else
#include "crypto_core/salsa/ref/core_salsa_ref.c"
#include "crypto_stream/salsa20/ref/salsa20_ref.c"
#define stream_xor stream_ref_xor_ic
#endif
#include "crypto_onetimeauth/poly1305/donna/poly1305_donna.c"

#define EXPORT(name) __attribute__((export_name(name)))

/* Octets of text in one piece: a message of 64 KiB with the octet in front of it, up to whole blocks of Salsa20. */
#define TEXT_SIZE (65536 + 96)
#define PAD_SIZE 32U
#define TAG_SIZE 16U
/* What is crypted is authenticated (or the other way round) while it is in the first cache. A multiple of 256. */
#define CHUNK_SIZE 8192U
#define BLOCK_SIZE 64U

static CRYPTO_ALIGN(64) uint8_t source[PAD_SIZE + TEXT_SIZE];
static CRYPTO_ALIGN(64) uint8_t target[PAD_SIZE + TEXT_SIZE];
/* HSalsa20's key and block; then the key of the stream that is sealed or opened. */
static CRYPTO_ALIGN(16) uint8_t key[32];
static CRYPTO_ALIGN(16) uint8_t block[16];
static CRYPTO_ALIGN(16) uint8_t nonce[8];
/* Of a text in several pieces. */
static CRYPTO_ALIGN(64) poly1305_state_internal_t state;
static CRYPTO_ALIGN(16) uint8_t expected[TAG_SIZE];

EXPORT("source") uint8_t *at_source(void) { return source; }
EXPORT("target") uint8_t *at_target(void) { return target; }
EXPORT("key") uint8_t *at_key(void) { return key; }
EXPORT("block") uint8_t *at_block(void) { return block; }
EXPORT("textSize") uint32_t text_size(void) { return TEXT_SIZE; }

/* libsodium's utils.c in one line. */
void sodium_memzero(void *const memory, const size_t size)
{
    memset(memory, 0, size);
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}

static void set_nonce(uint32_t high, uint32_t low)
{
    uint32_t words[2] = { __builtin_bswap32(high), __builtin_bswap32(low) };
    memcpy(nonce, words, sizeof nonce);
}

/* Octets of the next chunk. */
static uint32_t chunk_of(uint32_t left)
{
    return left < CHUNK_SIZE ? left : CHUNK_SIZE;
}

/* HSalsa20 of `block` under `key`, in place of the key. */
EXPORT("hash") void hash(void)
{
    crypto_core_hsalsa20(key, block, key, NULL);
}

/* The text of `size` octets in `source` becomes its box. */
EXPORT("seal") void seal(uint32_t high, uint32_t low, uint32_t size)
{
    poly1305_state_internal_t mac;
    uint32_t end = PAD_SIZE + size;
    uint32_t at  = 0;

    set_nonce(high, low);
    memset(source, 0, PAD_SIZE);
    do {
        uint32_t count = chunk_of(end - at);

        stream_xor(source + at, source + at, count, nonce, at / BLOCK_SIZE, key);
        if (at == 0) {
            poly1305_init(&mac, source);
            poly1305_update(&mac, source + PAD_SIZE, count - PAD_SIZE);
        } else {
            poly1305_update(&mac, source + at, count);
        }
        at += count;
    } while (at < end);
    memset(source, 0, PAD_SIZE);
    poly1305_finish(&mac, source + TAG_SIZE);
}

/*
 * The box with `size` octets of ciphertext in `source` is opened into `target`; 0 if it is forged, and then nothing is
 * left there.
 */
EXPORT("open") int open(uint32_t high, uint32_t low, uint32_t size)
{
    poly1305_state_internal_t mac;
    uint8_t  given[TAG_SIZE];
    uint8_t  computed[TAG_SIZE];
    uint32_t end = PAD_SIZE + size;
    uint32_t at  = 0;

    set_nonce(high, low);
    memcpy(given, source + TAG_SIZE, TAG_SIZE);
    memset(source, 0, PAD_SIZE);
    do {
        uint32_t count = chunk_of(end - at);

        stream_xor(target + at, source + at, count, nonce, at / BLOCK_SIZE, key);
        if (at == 0) {
            poly1305_init(&mac, target);
            poly1305_update(&mac, source + PAD_SIZE, count - PAD_SIZE);
        } else {
            poly1305_update(&mac, source + at, count);
        }
        at += count;
    } while (at < end);
    poly1305_finish(&mac, computed);
    if (crypto_verify_16(given, computed) != 0) {
        sodium_memzero(target, end);
        return 0;
    }
    sodium_memzero(target, PAD_SIZE);
    return 1;
}

/* A text in several pieces: its nonce, and Poly1305's key. */
EXPORT("begin") void begin(uint32_t high, uint32_t low)
{
    set_nonce(high, low);
    memset(target, 0, PAD_SIZE);
    stream_xor(target, target, PAD_SIZE, nonce, 0, key);
    poly1305_init(&state, target);
    sodium_memzero(target, PAD_SIZE);
}

/* Crypts `size` octets at `from` in `source`, which stand at the stream's block `number`. */
EXPORT("crypt") void crypt(uint32_t from, uint32_t size, uint32_t number)
{
    stream_xor(source + from, source + from, size, nonce, number, key);
}

EXPORT("authenticate") void authenticate(uint32_t from, uint32_t size)
{
    poly1305_update(&state, source + from, size);
}

/* The tag of all that was authenticated, in its place in `source`. */
EXPORT("finish") void finish(void)
{
    poly1305_finish(&state, source + TAG_SIZE);
}

/* What is in its place in `source` is the tag that will be compared. */
EXPORT("expect") void expect(void)
{
    memcpy(expected, source + TAG_SIZE, TAG_SIZE);
}

/* Whether it is the tag of all that was authenticated. */
EXPORT("check") int check(void)
{
    uint8_t computed[TAG_SIZE];

    poly1305_finish(&state, computed);
    return crypto_verify_16(expected, computed) == 0;
}

/* Nothing secret is left: neither key nor text. */
EXPORT("wipe") void wipe(void)
{
    sodium_memzero(key, sizeof key);
    sodium_memzero(block, sizeof block);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(source, sizeof source);
    sodium_memzero(target, sizeof target);
}
