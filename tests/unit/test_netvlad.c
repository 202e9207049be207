/* Gated NetVLAD in floats: against PyTorch. */
#include "golden_network.h"

static const GoldenTolerances tolerances = { 1e-5, 1e-5, 1e-4, 0 }; // as NeXtVLAD's

START_TEST(netvlad_follows_pytorch)
{
    golden_video_model(&golden_netvlad, tolerances);
}
END_TEST

int main(void)
{
    return RUN_SUITE("NetVLAD", netvlad_follows_pytorch);
}
