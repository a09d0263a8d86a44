#include "tap.h"

int main(void)
{
    ok(1.5 / 2 + 1.5 / 2 == 1.5, "[eq:halves] two halves");
    return tap_done();
}
