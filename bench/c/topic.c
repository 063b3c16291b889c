#include "peer.h"

#include <string.h>

/*  A bijection of 32-bit numbers (odd multipliers and xor-shifts are invertible), so the topics are distinct
    and scattered: neither a dense range nor one shared chain of prefixes. */
static uint32_t scatter (uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

void write_topic (char *into, uint32_t index)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t x = scatter (index);
    memcpy (into, "sensor/", 7);
    for (int i = 0; i < 8; i++)
        into[7 + i] = digits[(x >> (28 - 4 * i)) & 15];
}
