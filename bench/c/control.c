#define _GNU_SOURCE
#include "peer.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int option_count;
static char **options;

const char *option (const char *key, const char *fallback)
{
    size_t length = strlen (key);
    for (int i = 0; i < option_count; i++)
        if (strncmp (options[i], key, length) == 0 && options[i][length] == '=')
            return options[i] + length + 1;
    return fallback;
}

long option_number (const char *key, long fallback)
{
    const char *text = option (key, NULL);
    return text ? atol (text) : fallback;
}

int next_command (char *verb, size_t verb_size, long *number)
{
    char line[256];
    if (!fgets (line, sizeof line, stdin))
        return 0;
    line[strcspn (line, "\r\n")] = 0;
    char *space = strchr (line, ' ');
    *number = space ? atol (space + 1) : 0;
    if (space)
        *space = 0;
    snprintf (verb, verb_size, "%s", line);
    return 1;
}

void answer (const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    vprintf (format, arguments);
    va_end (arguments);
    putchar ('\n');
    fflush (stdout);
}

void answer_memory (void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen ("/proc/self/statm", "r");
    if (file) {
        if (fscanf (file, "%ld %ld", &pages, &resident) != 2)
            resident = 0;
        fclose (file);
    }
    answer ("{\"event\":\"memory\",\"rss\":%ld,\"cpuUs\":%llu}", resident * sysconf (_SC_PAGESIZE),
            (unsigned long long) cpu_us ());
}

void die (const char *what)
{
    fprintf (stderr, "c peer: %s: %s\n", what, zmq_strerror (zmq_errno ()));
    _exit (1);
}

void check (int ok, const char *what)
{
    if (!ok)
        die (what);
}

uint64_t now_ns (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (uint64_t) time.tv_sec * 1000000000u + (uint64_t) time.tv_nsec;
}

uint64_t cpu_us (void)
{
    struct rusage usage;
    getrusage (RUSAGE_SELF, &usage);
    return (uint64_t) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u
           + (uint64_t) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/*  The main thread may be blocked in libzmq when the driver dies, so a second one watches for the hang-up. It
    asks for no events, hence consumes no commands and sleeps in the kernel. */
static void *leave_with_driver (void *unused)
{
    (void) unused;
    struct pollfd input = {0, 0, 0};
    while (poll (&input, 1, -1) >= 0 && !(input.revents & (POLLHUP | POLLERR)))
        ;
    _exit (0);
}

static const struct
{
    const char *name;
    void (*run) (void *context);
} roles[] = {
  {"push", role_push},
  {"pull", role_pull},
  {"req", role_req},
  {"rep", role_rep},
  {"pub", role_pub},
  {"sub", role_sub},
  {"server", role_server},
  {"inproc", role_inproc},
  {"inproc-latency", role_inproc_latency},
  {"threads", role_threads},
  {"steady-push", role_steady_push},
};

int main (int argc, char **argv)
{
    if (argc == 2 && strcmp (argv[1], "version") == 0) {
        int major, minor, patch;
        zmq_version (&major, &minor, &patch);
        printf ("%d.%d.%d\n", major, minor, patch);
        return 0;
    }
    if (argc < 2) {
        fprintf (stderr, "usage: peer version | peer <role> [key=value ...]\n");
        return 2;
    }
    option_count = argc - 2;
    options = argv + 2;
    pthread_t watcher;
    check (pthread_create (&watcher, NULL, leave_with_driver, NULL) == 0, "pthread_create");
    void *context = zmq_ctx_new ();
    check (context != NULL, "zmq_ctx_new");
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp (argv[1], roles[i].name) == 0) {
            roles[i].run (context);
            /*  No orderly termination: the measurement is over and nothing is to be flushed. */
            fflush (stdout);
            _exit (0);
        }
    fprintf (stderr, "c peer: no role %s\n", argv[1]);
    return 2;
}
