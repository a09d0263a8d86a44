/*
 * blas.h -- the kernel and the threads of OpenBLAS.  Downhill, appendix G.
 * Needs _POSIX_C_SOURCE, as program.h defines it.
 */
#ifndef BLAS_H
#define BLAS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel's name, and the threads; NULL when another BLAS is linked. */
extern char *openblas_get_corename(void) __attribute__((weak));
extern void openblas_set_num_threads(int n) __attribute__((weak));

/* Does the kernel of this name use AVX2 or AVX-512? */
static inline bool core_is_modern(const char *core)
{
    static const char *const modern[] = {
        "Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids"
    };
    for (size_t i = 0; i < sizeof modern / sizeof *modern; i++)
        if (strcmp(core, modern[i]) == 0)
            return true;
    return false;
}

/* The kernel that suits what this processor can do; NULL: any. */
static inline const char *core_for_processor(void)
{
#if defined __x86_64__
    if (__builtin_cpu_supports("avx512f")
        && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "Haswell";
#endif
    return NULL;
}

/*
 * Call it before anything is printed.  When OpenBLAS took a kernel of old
 * for want of knowing this processor, start again with a better one.
 */
static inline void blas_choose_core(char **argv, bool verbose)
{
    if (openblas_get_corename == NULL)
        return;
    const char *core = openblas_get_corename();
    const char *better = core_for_processor();
    const bool asked = getenv("OPENBLAS_CORETYPE") != NULL;
    const bool again = !asked && !core_is_modern(core) && better != NULL;
    if (verbose)
        fprintf(stderr, "OpenBLAS runs its kernel %s%s%s\n", core,
                asked ? ", as OPENBLAS_CORETYPE says" : "",
                again ? "; this processor can do more: once more" : "");
    if (!again)
        return;
    setenv("OPENBLAS_CORETYPE", better, 1);
    execv("/proc/self/exe", argv);
    unsetenv("OPENBLAS_CORETYPE");
}

/* One thread, unless the user chose: our products are small. */
static inline void blas_choose_threads(void)
{
    if (openblas_set_num_threads != NULL
        && getenv("OPENBLAS_NUM_THREADS") == NULL
        && getenv("OMP_NUM_THREADS") == NULL)
        openblas_set_num_threads(1);
}

#endif
