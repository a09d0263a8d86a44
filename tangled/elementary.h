/*
 * elementary.h -- exponentials that compilers can vectorise.
 * Downhill, chapter 6.
 *
 * Arithmetic and bits only: no call, no branch, so a loop over them becomes
 * vector instructions, and every compiler gives the same bits.
 */
#ifndef ELEMENTARY_H
#define ELEMENTARY_H

#include "tensor.h"

#define SHIFT_float 12582912.0F                     /* 1.5 * 2^23 */
#define SHIFT_double 6755399441055744.0             /* 1.5 * 2^52 */

/*
 * type_power(SHIFT_type + k) is 2^k.
 * type_where(c, a, b) is c ? a : b without a branch.
 */
#define BIT_TRICKS(type, word, digits, bias) \
    static inline type type##_power(type whole) \
    { \
        word bits; \
        memcpy(&bits, &whole, sizeof bits); \
        bits = (bits + (bias)) << (digits); \
        memcpy(&whole, &bits, sizeof bits); \
        return whole; \
    } \
    static inline type type##_where(bool c, type a, type b) \
    { \
        const word mask = -(word)c; \
        word u, v; \
        memcpy(&u, &a, sizeof u), memcpy(&v, &b, sizeof v); \
        u = (u & mask) | (v & ~mask); \
        memcpy(&a, &u, sizeof u); \
        return a; \
    }

BIT_TRICKS(float, uint32_t, 23, 127)
BIT_TRICKS(double, uint64_t, 52, 1023)

/*
 * exp(x) = scale + scale m: returns m = exp(r) - 1 and sets *scale = 2^k.
 *                                                eq:exp-split, eq:exp-bound
 */
static inline float exp_parts_float(float x, float *scale)
{
    const float whole = x * 1.44269504F + SHIFT_float;  /* shift + k */
    const float k = whole - SHIFT_float;
    const float r = (x - k * 0.693359375F) + k * 2.12194440e-4F;
    *scale = float_power(whole);
    float p = 1 / 5040.0F;
    p = p * r + 1 / 720.0F;
    p = p * r + 1 / 120.0F;
    p = p * r + 1 / 24.0F;
    p = p * r + 1 / 6.0F;
    p = p * r + 0.5F;
    p = p * r + 1;
    return p * r;
}

/*
 * exp(x) with a relative error below 1.2e-7, one unit in the last place of
 * a float.  0 below -87.3, infinite above 88.3; NaN gives NaN.
 */
static inline float exp_float(float x)
{
    float scale;
    const float m = exp_parts_float(x, &scale);
    const float y = float_where(x > 88.3F, INFINITY, scale * (m + 1));
    return float_where(x < -87.3F, 0, y);
}

/*
 * exp(x) - 1 with a relative error below 2.4e-7, however small x is.
 * x below -87 counts as -87 and x above 88 as 88; NaN gives NaN.
 */
static inline float expm1_float(float x)
{
    float scale;
    x = float_where(x < -87, -87, x);
    x = float_where(x > 88, 88, x);
    const float m = exp_parts_float(x, &scale);
    return scale * m + (scale - 1);
}

/*
 * exp(x) = scale + scale m: returns m = exp(r) - 1 and sets *scale = 2^k.
 *                                             eq:exp-split, eq:exp-quotient
 */
static inline double exp_parts_double(double x, double *scale)
{
    const double whole = x * 1.4426950408889634 + SHIFT_double;
    const double k = whole - SHIFT_double;
    const double r = (x - k * 6.93147180369123816490e-01)
                     - k * 1.90821492927058770002e-10;
    const double t = r * r;
    const double even = 665280 + t * (75600 + t * (840 + t));
    const double odd = r * (332640 + t * (10080 + t * 42));
    *scale = double_power(whole);
    return 2 * odd / (even - odd);
}

/*
 * exp(x) with a relative error below 2.4e-16, about one unit in the last
 * place of a double.  0 below -708.3, infinite above 709.4; NaN gives NaN.
 */
static inline double exp_double(double x)
{
    double scale;
    const double m = exp_parts_double(x, &scale);
    const double y = double_where(x > 709.4, INFINITY, scale * (m + 1));
    return double_where(x < -708.3, 0, y);
}

/*
 * exp(x) - 1 with a relative error below 5.5e-16, however small x is.
 * x below -708 counts as -708 and x above 709 as 709; NaN gives NaN.
 */
static inline double expm1_double(double x)
{
    double scale;
    x = double_where(x < -708, -708, x);
    x = double_where(x > 709, 709, x);
    const double m = exp_parts_double(x, &scale);
    return scale * m + (scale - 1);
}

/* The exponentials for loops over many numbers. */
#if REAL_KIND(REAL) == REAL_IS_float
#define fast_exp exp_float
#define fast_expm1 expm1_float
#else
#define fast_exp exp_double
#define fast_expm1 expm1_double
#endif

/* The constants of SELU, which the tape has too. */
#define SELU_LAMBDA ((real)1.0507009873554805)
#define SELU_ALPHA ((real)1.6732632423543772)

#endif
