#!/bin/bash -eu
# Builds the fuzz targets into $OUT, each with its seeds and its dictionary.
#
# ClusterFuzzLite and OSS-Fuzz run this in their image, where compile_python_fuzzer and atheris are; without
# Docker `tox -e continuous` does. The targets try the decoders that .clusterfuzzlite/chosen.py names.

python3 -m pip install .
seeds=$(mktemp -d)
python3 -m sliceproof export --seeds "$seeds"

for fuzzer in fuzz/fuzz_*.py; do
  name=$(basename -s .py "$fuzzer")
  target=${name#fuzz_}
  compile_python_fuzzer "$fuzzer" \
    --collect-data sliceproof --collect-submodules sliceproof --copy-metadata sliceproof --copy-metadata botocore \
    --runtime-hook .clusterfuzzlite/chosen.py
  python3 -m zipfile -c "$OUT/${name}_seed_corpus.zip" "$seeds/$target"/*
  cp "$seeds/$target.dict" "$OUT/$name.dict"
done
