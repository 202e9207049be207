/* Recurrent units in floats: against PyTorch. */
#include "golden_network.h"

/* As NeXtVLAD's, with chains of forty products between a parameter and the loss. */
static const GoldenTolerances tolerances = { 1e-5, 5e-5, 1e-4, 0 };

START_TEST(gru_follows_pytorch)
{
    golden_video_model(&golden_gru, tolerances);
}
END_TEST

int main(void)
{
    return RUN_SUITE("GRU", gru_follows_pytorch);
}
