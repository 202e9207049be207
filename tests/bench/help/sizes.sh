# sizes.sh: the models that benches time, as both sides are told: MODEL --OPTION=VALUE ... To be sourced.
# A model that comes gets a line here, a file NAME_torch.py beside this folder, and rows in models.sh.
# shellcheck disable=SC2034 # for those who source it

# NeXtVLAD, rgb and audio as two streams on both sides. `large` is the paper's, 128 and 64 clusters, 88.9 M
# parameters; a member of `mixture` has 112 and 56.
large=nextvlad
mixture='nextvlad --mixture=3 --clusters=112 --gate-reduction=16'
small='nextvlad --clusters=16 --groups=4 --hidden=256'
# What the synthetic league trains: submissions/small.
league='nextvlad --clusters=16 --groups=4 --hidden=256 --expansion=1 --classes=60'
resnet='resnet-like'
bert='bert'
gru='gru'
