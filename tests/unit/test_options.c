#include "suite.h"
#include "common/base/options.h"

static const Option table[] = {
    { "clusters", OPTION_SIZE, "16", "anchor points", .minimum = 1, .maximum = 512 },
    { "learning-rate", OPTION_REAL, "1e-3", "of the optimiser" },
    { "name", OPTION_TEXT, NULL, "of the thing" },
    { "gated", OPTION_FLAG, NULL, "gate it" },
    { "loss", OPTION_CHOICE, "sum", "how", .choices = "sum|mean" },
    { "data", OPTION_TEXT, NULL, "files", OPTION_INPUT },
    { 0 },
};

static Arena arena;

static void setup(void)
{
    Failure failure = { 0 };
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
}

static OptionValues parse(Failure *failure, int argc, char *argv[])
{
    OptionValues values = { 0 };
    *failure = (Failure){ 0 };
    options_parse(&values, (const Option *[]){ table }, 1, argc, argv, &arena, failure);
    return values;
}

#define PARSE(failure, ...)                                                                        \
    parse(failure, (int)(sizeof(char *[]){ "test", __VA_ARGS__ } / sizeof(char *)),                \
          (char *[]){ "test", __VA_ARGS__, NULL })

START_TEST(values_are_canonical_so_that_equal_ones_are_one_key)
{
    Failure failure;
    setup();
    OptionValues values = PARSE(&failure, "--clusters=0032", "--learning-rate", "0.00010");
    ck_assert_int_eq(failure.code, EX_OK);
    ck_assert_uint_eq(option_size(&values, "clusters"), 32);
    ck_assert_str_eq(option_entry(&values, "clusters")->values[0], "32");
    ck_assert_str_eq(option_entry(&values, "learning-rate")->values[0], "0.0001");
    ck_assert(!option_flag(&values, "gated"));
    ck_assert_str_eq(option_text(&values, "loss"), "sum");
    ck_assert_int_eq(option_choice(&values, "loss"), 0);
    ck_assert_ptr_null(option_text(&values, "name"));
}
END_TEST

START_TEST(the_last_value_wins_and_inputs_collect)
{
    Failure failure;
    setup();
    OptionValues values = PARSE(&failure, "--data", "a", "--loss", "sum", "x", "--data=b",
                                "--gated", "--loss=mean", "--", "--y");
    ck_assert_int_eq(failure.code, EX_OK);
    ck_assert_uint_eq(option_entry(&values, "data")->count, 2);
    ck_assert_str_eq(option_entry(&values, "data")->values[1], "b");
    ck_assert_str_eq(option_text(&values, "loss"), "mean");
    ck_assert_int_eq(option_choice(&values, "loss"), 1);
    ck_assert(option_flag(&values, "gated"));
    ck_assert_uint_eq(values.argument_count, 2);
    ck_assert_str_eq(values.arguments[1], "--y");
}
END_TEST

static void refuse(const char *message, int argc, char *argv[])
{
    Failure failure;
    parse(&failure, argc, argv);
    ck_assert_int_eq(failure.code, EX_USAGE);
    ck_assert_str_eq(failure.message, message);
}

#define REFUSE(message, ...)                                                                       \
    refuse(message, (int)(sizeof(char *[]){ "test", __VA_ARGS__ } / sizeof(char *)),               \
           (char *[]){ "test", __VA_ARGS__, NULL })

START_TEST(what_cannot_be_is_refused_in_one_line_that_says_why)
{
    setup();
    REFUSE("--cluster: no such option; did you mean --clusters?", "--cluster", "3");
    REFUSE("--frobnicate: no such option; see --help", "--frobnicate");
    REFUSE("--clusters 0: must be from 1 to 512", "--clusters", "0");
    REFUSE("--clusters -3: must be a whole number from 0", "--clusters=-3");
    REFUSE("--clusters 99999999999999999999999: must be a whole number from 0", "--clusters",
           "99999999999999999999999");
    REFUSE("--learning-rate nan: must be a number", "--learning-rate", "nan");
    REFUSE("--learning-rate 1e999: must be a number", "--learning-rate", "1e999");
    REFUSE("--learning-rate 1x: must be a number", "--learning-rate", "1x");
    REFUSE("--loss median: must be one of sum|mean", "--loss", "median");
    REFUSE("--loss su: must be one of sum|mean", "--loss", "su");
    REFUSE("--gated takes no value", "--gated=1");
    REFUSE("--name needs a value", "--name");
    REFUSE("-x: options begin with two dashes; see --help", "-x");
}
END_TEST

START_TEST(an_option_can_be_seen_before_its_table_is_known)
{
    char *argv[] = {
        "test", "--model", "moe", "--models=x", "--model=logistic", "--", "--model=z"
    };
    ck_assert_str_eq(options_peek("model", 7, argv), "logistic");
    ck_assert_ptr_null(options_peek("mode", 7, argv));
    ck_assert_ptr_null(options_peek("model", 2, argv)); // its value is missing
}
END_TEST

int main(void)
{
    return RUN_SUITE("options", values_are_canonical_so_that_equal_ones_are_one_key,
                     the_last_value_wins_and_inputs_collect,
                     what_cannot_be_is_refused_in_one_line_that_says_why,
                     an_option_can_be_seen_before_its_table_is_known);
}
