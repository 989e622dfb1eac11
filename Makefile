# SPDX-License-Identifier: Apache-2.0
# A short front of meson; HACKING.md says what each target is for.
BUILD     = build/normal
SANDGLASS = $(BUILD)/src/cli/sandglass

# A server of the build tree: nothing needs to be installed.
run image: export SANDGLASS_LIBEXEC_DIR = $(CURDIR)/$(BUILD)/src/role
run image: export SANDGLASS_RUNTIME_DIR = $(CURDIR)/runtimes
run image: export SANDGLASS_SCAN_DIR = $(CURDIR)/policy/scan

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@tools/setup build
	@meson setup $(BUILD)

run: all
	@$(SANDGLASS) serve --demo

image: all
	@tools/setup image
	@$(SANDGLASS) image build

deps:
	@tools/setup

test: deps
	@tests/run

check: all
	@tests/run --quick

check-root: deps
	@tests/run --root

asan: deps
	@tests/run --asan

fuzz: deps
	@tests/run --fuzz 60

lint: all
	@tools/lint/lint.sh $(BUILD)

bench: all
	@bench/run.py

install: all
	@meson install -C $(BUILD)

clean:
	@rm -rf build

.PHONY: all run image deps test check check-root asan fuzz lint bench install clean
