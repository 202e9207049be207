/*
 * mix_logits: the logits of several members, weighed by a gate that has one number a member.
 *
 *   z     = sum_m a_m z_m
 *   da_m  = <z_m, dz>        dz_m = a_m dz
 *
 *   a, da  [rows, members]   z_m, z, dz_m, dz  [rows, classes]
 *
 * Source: spec/models 9.1 and 9.2.
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

struct Members { // by value: a kernel's arguments are copied when it is asked for
    const float *z[OP_MOST_INPUTS];
    float *dz[OP_MOST_INPUTS];
    bool adds[OP_MOST_INPUTS];
    int count;
};

__global__ void mix(Elements all, const float *gate, Members members, float *z)
{
    FOR_ROWS (row, all)
        FOR_COLUMNS (c, all.width) {
            size_t i = row * all.width + c;
            float sum = 0;
            for (int m = 0; m < members.count; m++)
                sum += gate[row * members.count + m] * members.z[m][i];
            z[i] = sum;
        }
}

template <int T>
__global__ void pass_gate(Vectors rows, Members members, const float *dzs, float *dgate, bool adds)
{
    FOR_VECTORS (row, T, rows)
        for (int m = 0; m < members.count; m++) {
            float along = 0;
            FOR_LANE (c, T, rows.width)
                along += members.z[m][row * rows.width + c] * dzs[row * rows.width + c];
            along = team_sum<T>(along);
            if (team_lane<T>() == 0)
                give(dgate + row * members.count + m, along, adds);
        }
}

__global__ void pass_members(Elements all, const float *gate, Members members, const float *dzs)
{
    FOR_ROWS (row, all)
        FOR_COLUMNS (c, all.width) {
            size_t i = row * all.width + c;
            for (int m = 0; m < members.count; m++)
                if (members.dz[m])
                    give(members.dz[m] + i, gate[row * members.count + m] * dzs[i],
                         members.adds[m]);
        }
}

enum { GATE, FIRST_MEMBER };

Members members_of(const OpRun *run)
{
    Members members = {};
    members.count = (int)run->input_count - FIRST_MEMBER;
    for (int m = 0; m < members.count; m++) {
        members.z[m] = run->input[FIRST_MEMBER + m].data;
        members.dz[m] = run->input[FIRST_MEMBER + m].gradient;
        members.adds[m] = run->accumulate[FIRST_MEMBER + m];
    }
    return members;
}

void forward(const OpRun *run)
{
    LAUNCH_ROWS(mix, run, &run->output, run->input[GATE].data, members_of(run), run->output.data);
}

void backward(const OpRun *run)
{
    const OpTensor *gate = &run->input[GATE], *z = &run->output;
    if (gate->gradient)
        LAUNCH_VECTORS(pass_gate, run, z, z->width, members_of(run), z->gradient, gate->gradient,
                       run->accumulate[GATE]);
    LAUNCH_ROWS(pass_members, run, z, gate->data, members_of(run), z->gradient);
}

} // namespace

extern const CudaOp cuda_op_mix_logits = { "mix_logits", forward, backward };
