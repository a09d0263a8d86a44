#include "exercise.h"
#define REAL double
#include "tensor.h"

size_t predict_view(const size_t n[4], size_t shape[3], size_t stride[3]);

static struct arena memory;

/* The shapes of some batches of pictures. */
enum { BATCHES = 6 };
static const size_t batch[BATCHES][4] = {
    { 5, 3, 12, 7 }, { 2, 4, 11, 6 }, { 9, 2, 13, 5 },
    { 6, 5, 3, 4 }, { 7, 1, 2, 3 }, { 4, 3, 1, 8 },
};

/* The three calls, and the prediction beside them. */
static tensor view(const size_t n[4])
{
    tensor V = tensor_empty(&memory, 4, n);
    V = tensor_slice(V, 2, 1, -1, 3);
    V = tensor_select(V, 1, -1);
    return tensor_swap(V, 0, 2);
}

static size_t predict(size_t k, size_t shape[3], size_t stride[3])
{
    for (size_t d = 0; d < 3; d++)
        shape[d] = stride[d] = 99999;
    ex_case("X of shape %s", shape_text(4, batch[k]).s);
    return predict_view(batch[k], shape, stride);
}

static void shapes(void)
{
    size_t shape[3], stride[3];
    for (size_t k = 0; k < BATCHES; k++) {
        predict(k, shape, stride);
        ex_sizes("shape", 3, shape, view(batch[k]).shape);
    }
}

static void strides(void)
{
    size_t shape[3], stride[3];
    for (size_t k = 0; k < BATCHES; k++) {
        predict(k, shape, stride);
        ex_sizes("stride", 3, stride, view(batch[k]).stride);
    }
}

static void offsets(void)
{
    size_t shape[3], stride[3];
    for (size_t k = 0; k < BATCHES; k++)
        ex_equal("the offset", predict(k, shape, stride),
                 view(batch[k]).offset);
}

EX_MAIN("1.1",
    { "the shape of the view", "eq:slice", shapes },
    { "the strides of the view", "eq:transpose", strides },
    { "the offset of the view", "eq:offset", offsets })
