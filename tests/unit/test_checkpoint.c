/* Checkpoints: what is saved comes back, and what belongs to another model is refused by name. */
#include "common/learn/checkpoint.h"
#include "models/layers/stored_network.h"

#include <string.h>

#include "suite.h"
#include "temporary.h"

static Arena arena;
static Failure failure;
static Device device;

static void begin(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 30, &failure));
    ck_assert(device_open_cpu(&device, &arena, &failure));
}

/* A matrix, a vector and a statistic; what the arguments say may differ. */
static Parameters make(const char *vector, size_t width)
{
    Parameters parameters;
    Graph *g = graph_create(&arena, &failure);
    parameter(g, "matrix", shape_matrix(3, 2), (Initializer){ INITIALIZE_UNIFORM, 0, 1 });
    parameter(g, vector, shape_vector(width), (Initializer){ INITIALIZE_NORMAL, 0, 1 });
    statistic(g, "moving", shape_vector(2), (Initializer){ INITIALIZE_CONSTANT, 0.5, 0 });
    ck_assert(parameters_create(&parameters, g, &device, true, &arena, &failure));
    ck_assert(parameters_initialise(&parameters, 1, arena, &failure));
    return parameters;
}

static Optimiser optimiser_of(Parameters *parameters)
{
    Optimiser optimiser;
    OptimiserSettings adam = { OPTIMISER_ADAM, CLIP_NONE, 0 };
    ck_assert(optimiser_create(&optimiser, adam, parameters, &arena, &failure));
    return optimiser;
}

static void save(const char *path, const Parameters *parameters, const Optimiser *optimiser)
{
    SafetensorsWriter writer = safetensors_writer(&arena);
    AtomicFile file;
    ck_assert(atomic_file_open(&file, path, &failure));
    ck_assert_msg(
        checkpoint_write(&writer, &file, CHECKPOINT_KIND, parameters, optimiser, &failure), "%s",
        failure.message);
    ck_assert(atomic_file_commit(&file, NULL, &failure));
}

static void refused(const char *path, Parameters *other, const char *reason)
{
    SafetensorsReader reader;
    char message[1024];
    ck_assert(checkpoint_open(&reader, path, CHECKPOINT_KIND, &arena, &failure));
    ck_assert(!checkpoint_load(&reader, other, &failure));
    snprintf(message, sizeof message, "%.500s: %.500s", path, reason);
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_str_eq(failure.message, message);
    safetensors_close(&reader);
}

START_TEST(parameters_and_the_optimisers_state_come_back)
{
    SafetensorsReader reader;
    const char *path = temporary_path("whole", 1);
    begin();
    Parameters saved = make("vector", 4), loaded = make("vector", 4);
    Optimiser before = optimiser_of(&saved), after = optimiser_of(&loaded);
    for (size_t i = 0; i < 6; i++)
        saved.gradient[0][i] = (real)i;
    ck_assert(optimiser_step(&before, 0.1, &failure));
    saved.value[2][1] = 7;
    save(path, &saved, &before);
    ck_assert(checkpoint_open(&reader, path, CHECKPOINT_KIND, &arena, &failure));
    ck_assert(checkpoint_load(&reader, &loaded, &failure));
    ck_assert_msg(checkpoint_load_optimiser(&reader, &after, arena, &failure), "%s",
                  failure.message);
    for (size_t i = 0; i < 3; i++)
        ck_assert_mem_eq(saved.value[i], loaded.value[i], saved.elements[i] * sizeof(real));
    ck_assert_mem_eq(before.mean[0], after.mean[0], 6 * sizeof(real));
    ck_assert_mem_eq(before.square[0], after.square[0], 6 * sizeof(real));
    ck_assert_uint_eq(after.step, 1);
    safetensors_close(&reader);
}
END_TEST

START_TEST(a_checkpoint_without_an_optimiser_says_so)
{
    SafetensorsReader reader;
    const char *path = temporary_path("bare", 1);
    begin();
    Parameters parameters = make("vector", 4);
    Optimiser optimiser = optimiser_of(&parameters);
    save(path, &parameters, NULL);
    ck_assert(checkpoint_open(&reader, path, CHECKPOINT_KIND, &arena, &failure));
    ck_assert(!checkpoint_load_optimiser(&reader, &optimiser, arena, &failure));
    ck_assert_ptr_nonnull(
        strstr(failure.message, "holds no optimiser; save one with train --save-optimizer"));
    safetensors_close(&reader);
}
END_TEST

START_TEST(another_models_checkpoint_is_refused_by_the_tensors_name)
{
    const char *path = temporary_path("one", 1);
    begin();
    Parameters saved = make("vector", 4), other = make("weights", 4), wider = make("vector", 5);
    save(path, &saved, NULL);
    refused(path, &other, "tensor vector is not in the model; it belongs to another one");
    failure = (Failure){ 0 };
    refused(path, &wider, "tensor vector is [4]; the model's is [5]");
}
END_TEST

START_TEST(a_tensor_that_is_missing_is_named)
{
    const char *path = temporary_path("fewer", 1);
    Parameters few;
    begin();
    Graph *g = graph_create(&arena, &failure);
    parameter(g, "matrix", shape_matrix(3, 2), (Initializer){ INITIALIZE_UNIFORM, 0, 1 });
    ck_assert(parameters_create(&few, g, &device, true, &arena, &failure));
    Parameters all = make("vector", 4);
    save(path, &few, NULL);
    refused(path, &all, "no tensor vector; it belongs to another model");
}
END_TEST

START_TEST(files_of_another_kind_or_format_are_refused)
{
    const char *path = temporary_path("kind", 1);
    SafetensorsReader reader;
    for (size_t i = 0; i < 2; i++) {
        AtomicFile file;
        begin();
        SafetensorsWriter writer = safetensors_writer(&arena);
        ck_assert(safetensors_note(&writer, "kind", i ? CHECKPOINT_KIND : "index", &failure)
                  && safetensors_note(&writer, "format", "9", &failure)
                  && atomic_file_open(&file, path, &failure)
                  && safetensors_start(&writer, &file, &failure)
                  && safetensors_finish(&writer, &failure)
                  && atomic_file_commit(&file, NULL, &failure));
        ck_assert(!checkpoint_open(&reader, path, CHECKPOINT_KIND, &arena, &failure));
        ck_assert_int_eq(failure.code, EX_DATAERR);
        ck_assert_ptr_nonnull(strstr(failure.message,
                                     i ? "a checkpoint of format 9; this program reads format 1"
                                       : "not a checkpoint but index"));
    }
}
END_TEST

/* Options of the model and of the network, as a command line gives them. */
static void parse(OptionValues *values, const Model *model, int argc, char *argv[])
{
    ck_assert_msg(options_parse(values, (const Option *[]){ model->options, network_options }, 2,
                                argc, argv, &arena, &failure),
                  "%s", failure.message);
}

START_TEST(a_networks_specification_comes_back_whole)
{
    const char *path = temporary_path("spec", 1);
    SafetensorsReader reader;
    AtomicFile file;
    OptionValues values;
    char *argv[] = {
        "x", "--inner=24", "--gated", "--classes=77", "--loss=logits", "--dropout=0.25"
    };
    begin();
    SafetensorsWriter writer = safetensors_writer(&arena);
    NetworkSpec spec = { .model = model_find("resnet-like"), .values = &values }, back;
    parse(&values, spec.model, 6, argv);
    network_spec_read(&spec, &values);
    ck_assert(feature_specs_parse(&spec.features, "rgb:9,audio:4", &arena, &failure));
    ck_assert(network_spec_note(&spec, &writer, &failure) && atomic_file_open(&file, path, &failure)
              && safetensors_start(&writer, &file, &failure)
              && safetensors_finish(&writer, &failure) && atomic_file_commit(&file, NULL, &failure)
              && safetensors_open(&reader, path, &arena, &failure));
    ck_assert_msg(network_spec_recall(&back, &reader, &arena, &failure), "%s", failure.message);
    ck_assert_ptr_eq(back.model, spec.model);
    ck_assert_uint_eq(back.classes, 77);
    ck_assert_uint_eq(back.features.width, 13);
    ck_assert_str_eq(back.features.features[1].name, "audio");
    ck_assert_str_eq(back.loss, "logits");
    ck_assert_uint_eq(option_size(back.values, "inner"), 24);
    ck_assert(option_flag(back.values, "gated"));
    ck_assert(option_real(back.values, "dropout") == 0.25);
    safetensors_close(&reader);
}
END_TEST

/* A network of which these options were noted, and nothing else, as read back. */
static NetworkSpec recalled(size_t count, const char *const options[][2])
{
    const char *path = temporary_path("older", 1);
    SafetensorsReader reader;
    AtomicFile file;
    NetworkSpec back;
    begin();
    SafetensorsWriter writer = safetensors_writer(&arena);
    ck_assert(safetensors_note(&writer, "model", "nextvlad", &failure)
              && safetensors_note(&writer, "features", "rgb:9,audio:4", &failure));
    for (size_t i = 0; i < count; i++)
        ck_assert(safetensors_note(&writer, options[i][0], options[i][1], &failure));
    ck_assert(atomic_file_open(&file, path, &failure) && safetensors_start(&writer, &file, &failure)
              && safetensors_finish(&writer, &failure) && atomic_file_commit(&file, NULL, &failure)
              && safetensors_open(&reader, path, &arena, &failure));
    ck_assert_msg(network_spec_recall(&back, &reader, &arena, &failure), "%s", failure.message);
    safetensors_close(&reader);
    return back;
}

START_TEST(a_checkpoint_that_knew_no_mixtures_is_of_a_single_model)
{
    NetworkSpec back = recalled(1, (const char *const[][2]){ { "option/normalization", "raw" } });
    ck_assert_uint_eq(back.mixture, 1);
    ck_assert(!back.masked && back.mixup == 0 && !back.eigenvalues);
}
END_TEST

START_TEST(a_mixture_and_its_normalization_come_back)
{
    NetworkSpec back = recalled(3,
                                (const char *const[][2]){ { "option/mixture", "3" },
                                                          { "option/temperature", "2.5" },
                                                          { "option/normalization", "dewhiten" } });
    Network network;
    ck_assert_uint_eq(back.mixture, 3);
    ck_assert(back.temperature == 2.5);
    ck_assert_str_eq(back.normalization, "dewhiten");
    ck_assert_msg(!network_build(&network, &back, false, &arena, &failure)
                      && strstr(failure.message, "groups: 8 do not divide a width of 18"),
                  "%s", failure.message); // 9 features of rgb, doubled
}
END_TEST

int main(void)
{
    temporary_begin();
    int failed = RUN_SUITE(
        "checkpoint", a_checkpoint_that_knew_no_mixtures_is_of_a_single_model,
        a_mixture_and_its_normalization_come_back, parameters_and_the_optimisers_state_come_back,
        a_checkpoint_without_an_optimiser_says_so,
        another_models_checkpoint_is_refused_by_the_tensors_name, a_tensor_that_is_missing_is_named,
        files_of_another_kind_or_format_are_refused, a_networks_specification_comes_back_whole);
    temporary_end();
    return failed;
}
