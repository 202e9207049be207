/* Recurrent units in double: against PyTorch in double. */
#include "golden_network.h"

static const GoldenTolerances tolerances = { 1e-12, 1e-12, 1e-10, 1e-9 }; // as NeXtVLAD's

START_TEST(gru_follows_pytorch)
{
    golden_video_model(&golden_gru, tolerances);
}
END_TEST

int main(void)
{
    return RUN_SUITE("GRU in double", gru_follows_pytorch);
}
