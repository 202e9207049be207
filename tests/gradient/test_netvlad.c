/* Gated NetVLAD in double: against PyTorch in double, and the invariants of spec/models 19.1. */
#include "golden_orders.h"

static const GoldenTolerances tolerances = { 1e-12, 1e-12, 1e-10, 1e-9 }; // as NeXtVLAD's

START_TEST(netvlad_follows_pytorch)
{
    golden_video_model(&golden_netvlad, tolerances);
}
END_TEST

START_TEST(frames_in_another_order_or_repeated_change_nothing)
{
    golden_video_model_heeds_no_order(&golden_netvlad);
}
END_TEST

int main(void)
{
    return RUN_SUITE("NetVLAD in double", netvlad_follows_pytorch,
                     frames_in_another_order_or_repeated_change_nothing);
}
