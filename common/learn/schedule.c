#include "common/learn/schedule.h"
#include "common/base/elementary.h"

#include <math.h>

Schedule schedule_begin(ScheduleSettings settings)
{
    return (Schedule){ .settings = settings, .scale = 1, .best = INFINITY };
}

double schedule_rate(const Schedule *schedule, uint64_t samples)
{
    const ScheduleSettings *s = &schedule->settings;
    double decays = s->decay_samples > 0 ? (double)samples / s->decay_samples : 0;
    switch (s->kind) {
    case SCHEDULE_STAIRCASE:
        return s->learning_rate * elementary_power(s->decay, (uint64_t)decays);
    case SCHEDULE_SMOOTH:
        return s->learning_rate * elementary_exp(decays * elementary_log(s->decay));
    case SCHEDULE_PLATEAU:
        return s->learning_rate * schedule->scale;
    case SCHEDULE_CONSTANT:
        break;
    }
    return s->learning_rate;
}

void schedule_validated(Schedule *schedule, double badness)
{
    const ScheduleSettings *s = &schedule->settings;
    if (s->kind != SCHEDULE_PLATEAU)
        return;
    if (badness < schedule->best * (1 - s->threshold)) {
        schedule->best = badness;
        schedule->bad = 0;
    } else if (++schedule->bad > s->patience) {
        schedule->scale *= s->factor;
        schedule->bad = 0;
    }
}
