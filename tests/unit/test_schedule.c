/* Learning rates by their definitions, worked by hand. */
#include "suite.h"
#include "common/learn/schedule.h"

#include <stdlib.h>

START_TEST(a_staircase_falls_once_every_so_many_samples)
{
    Schedule s = schedule_begin((ScheduleSettings){ SCHEDULE_STAIRCASE, .learning_rate = 1,
                                                    .decay = 0.5, .decay_samples = 1000 });
    ck_assert(schedule_rate(&s, 0) == 1 && schedule_rate(&s, 999) == 1);
    ck_assert(schedule_rate(&s, 1000) == 0.5 && schedule_rate(&s, 3500) == 0.125);
}
END_TEST

START_TEST(a_smooth_decay_passes_through_the_staircases_edges)
{
    Schedule s = schedule_begin((ScheduleSettings){ SCHEDULE_SMOOTH, .learning_rate = 2,
                                                    .decay = 0.25, .decay_samples = 1000 });
    ck_assert_double_eq_tol(schedule_rate(&s, 0), 2, 1e-15);
    ck_assert_double_eq_tol(schedule_rate(&s, 500), 1, 1e-15); // 0.25^(1/2)
    ck_assert_double_eq_tol(schedule_rate(&s, 2000), 0.125, 1e-15);
}
END_TEST

START_TEST(a_plateau_reduces_after_more_than_patience_validations_without_gain)
{
    Schedule s = schedule_begin((ScheduleSettings){
        SCHEDULE_PLATEAU, .learning_rate = 1, .factor = 0.5, .threshold = 1e-4, .patience = 1 });
    static const double badness[] = { 0.5, 0.4, 0.39999, 0.41, 0.39, 0.39, 0.39, 0.39, 0.39 };
    static const double rates[] = { 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125 };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        schedule_validated(&s, badness[i]); // 0.39999 is no gain: not below 0.4 (1 - 1e-4)
        ck_assert_msg(schedule_rate(&s, 12345) == rates[i], "after validation %zu", i);
    }
}
END_TEST

START_TEST(validations_change_nothing_without_a_plateau)
{
    Schedule s = schedule_begin((ScheduleSettings){ SCHEDULE_CONSTANT, .learning_rate = 3 });
    for (size_t i = 0; i < 5; i++)
        schedule_validated(&s, 1);
    ck_assert(schedule_rate(&s, 1000000) == 3);
}
END_TEST

/* The papers' own staircases, at the end of their pre-training: spec/models 19.1, 15. */
START_TEST(published_rates_come_out)
{
    Schedule soft_label = schedule_begin((ScheduleSettings){
        SCHEDULE_STAIRCASE, .learning_rate = 2e-4, .decay = 0.8, .decay_samples = 2e6 });
    Schedule bert = schedule_begin((ScheduleSettings){ SCHEDULE_STAIRCASE, .learning_rate = 1e-4,
                                                       .decay = 0.9, .decay_samples = 2e6 });
    ck_assert_double_eq_tol(schedule_rate(&soft_label, 19200000), 2.684e-5, 5e-9);
    ck_assert_double_eq_tol(schedule_rate(&bert, 25600000), 2.824e-5, 5e-9);
}
END_TEST

int main(void)
{
    return RUN_SUITE("schedule", a_staircase_falls_once_every_so_many_samples,
                     a_smooth_decay_passes_through_the_staircases_edges,
                     a_plateau_reduces_after_more_than_patience_validations_without_gain,
                     validations_change_nothing_without_a_plateau, published_rates_come_out);
}
