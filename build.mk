# Every rule of Downhill, in the order in which the work flows:
#
#   setup, lint, tangle, compile, run, draw, weave, test, exercises, measure
#
# chapters/*.nw is the only source of the book and of tangled/.  Everything
# else that is made goes under build/, and `make clean` removes it.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS   += --no-builtin-rules

export OPENBLAS_NUM_THREADS := 1
export LC_ALL := C.UTF-8
export SOURCE_DATE_EPOCH := $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

# What files.awk says of chapters/*.nw.
list        = $(shell awk -v list=$(1) -f book/files.awk $(sort $(wildcard chapters/*.nw)))
CHAPTERS   := $(call list,sources)
PROGRAMS   := $(call list,chapters)
NOWEB      := /usr/lib/noweb
HAVE_NOWEB := $(shell command -v notangle)

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "make %-18s %s\n", $$1, $$2 }' build.mk

# ---- setup ---------------------------------------------------------------

# command:package, for what make book and make test use
DEBIAN := gcc:gcc git:git notangle:noweb gawk:gawk pandoc:pandoc lualatex:texlive-luatex \
    gnuplot:gnuplot-nox dot:graphviz rsvg-convert:librsvg2-bin prove:perl \
    pdftotext:poppler-utils curl:curl
TEXLIVE := /usr/share/texlive/texmf-dist/tex/latex
OPENTYPE := /usr/share/texmf/fonts/opentype/public
DEBIAN_FILES := /usr/include/gsl/gsl_blas.h:libgsl-dev /usr/include/zlib.h:zlib1g-dev \
    /usr/share/doc/libopenblas-dev:libopenblas-dev \
    $(TEXLIVE)/koma-script/scrbook.cls:texlive-latex-recommended \
    $(TEXLIVE)/pgf/frontendlayer/tikz.sty:texlive-pictures \
    $(OPENTYPE)/tex-gyre/texgyrepagella-regular.otf:fonts-texgyre \
    $(OPENTYPE)/tex-gyre-math/texgyrepagella-math.otf:fonts-texgyre-math \
    /usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf:fonts-dejavu-core \
    $(OPENTYPE)/lm/lmroman10-regular.otf:lmodern
DNF  := gcc git noweb gawk pandoc texlive-scheme-basic texlive-luatex texlive-koma-script \
    texlive-unicode-math texlive-fancyvrb texlive-framed texlive-pgf tex-gyre-fonts \
    texlive-tex-gyre-math dejavu-sans-mono-fonts gnuplot graphviz librsvg2-tools \
    perl-Test-Harness poppler-utils curl gsl-devel openblas-devel zlib-devel
BREW := gawk noweb pandoc gnuplot graphviz librsvg poppler gsl openblas texlive

.PHONY: setup check-tools
setup: ## install what is missing (apt; dnf and brew too), after saying what
	@sudo=; \
	[ "$$(id -u)" = 0 ] || sudo=sudo; \
	if command -v apt-get >/dev/null; then \
	    need=; \
	    for t in $(DEBIAN); do \
	        command -v "$${t%%:*}" >/dev/null || need="$$need $${t##*:}"; \
	    done; \
	    for t in $(DEBIAN_FILES); do \
	        [ -e "$${t%%:*}" ] || need="$$need $${t##*:}"; \
	    done; \
	    if [ -z "$$need" ]; then \
	        echo "Nothing is missing."; \
	        exit 0; \
	    fi; \
	    echo "Installing with apt-get:$$need"; \
	    $$sudo apt-get update -q; \
	    $$sudo env DEBIAN_FRONTEND=noninteractive \
	        apt-get install -q -y --no-install-recommends $$need; \
	elif command -v dnf >/dev/null; then \
	    echo "Installing with dnf: $(DNF)"; \
	    $$sudo dnf install -y $(DNF); \
	elif command -v brew >/dev/null; then \
	    echo "Installing with brew: $(BREW)"; \
	    brew install $(BREW); \
	else \
	    echo "No apt-get, dnf or brew here. Please install: $(DNF)"; exit 1; \
	fi

check-tools: ## say which tools are here, with their versions
	@version() { \
	    case $$1 in \
	    notangle) dpkg-query -W -f '$${Version}\n' noweb ;; \
	    dot) dot -V 2>&1 ;; \
	    pdftotext) pdftotext -v 2>&1 ;; \
	    *) "$$1" --version 2>&1 ;; \
	    esac 2>/dev/null | grep -m1 '[0-9]' || echo 'version unknown'; \
	}; \
	for t in $(DEBIAN); do \
	    c=$${t%%:*}; \
	    if command -v "$$c" >/dev/null; then \
	        printf '%-14s %s\n' "$$c" "$$(version "$$c")"; \
	    else \
	        printf '%-14s MISSING (Debian: %s)\n' "$$c" "$${t##*:}"; \
	    fi; \
	done; \
	for t in $(DEBIAN_FILES); do \
	    [ -e "$${t%%:*}" ] || printf '%-14s MISSING\n' "$${t##*:}"; \
	done

# Without noweb, make could not even read what the chapters ask for.  So when
# setup is among the goals it runs first, and make starts anew for the others.
ifneq ($(filter setup,$(MAKECMDGOALS)),)
REST := $(filter-out setup,$(MAKECMDGOALS))
ifneq ($(REST),)
.PHONY: $(REST)
$(firstword $(REST)): setup
	@$(MAKE) --no-print-directory $(REST)
$(wordlist 2,99,$(REST)): $(firstword $(REST)) ;
endif
else

# A file that many others depend on is replaced only when its text changes;
# its stamp is what make looks at.
if-changed = @cmp -s $(1) $(2) && rm $(1) || mv $(1) $(2)

# ---- what the chapters ask for ---------------------------------------------

# build/plan.mk lists what each chapter tangles, runs and draws, and which tables a figure reads.
build/plan.stamp: $(CHAPTERS) $(wildcard figures/*) book/files.awk book/plan.awk
	@mkdir -p build
	@awk -f book/files.awk -f book/plan.awk $(CHAPTERS) > build/plan.part
	$(call if-changed,build/plan.part,build/plan.mk)
	@touch $@
build/plan.mk: build/plan.stamp ;

ifneq ($(filter-out help check-tools clean mnist,$(or $(MAKECMDGOALS),help)),)
-include build/plan.mk
endif

# ---- lint ------------------------------------------------------------------

.PHONY: lint
lint: tangle build/eqtests.tsv ## look for mistakes in the chapters; each with file and line
	@gawk -v values=build/values.tsv -f book/files.awk -f book/lint.awk build/eqtests.tsv \
	    $(CHAPTERS) $(FRONT)
	@if git rev-parse --git-dir >/dev/null 2>&1 && [ -n "$$(git status --porcelain tangled)" ]; \
	then \
	    git status --porcelain tangled; \
	    echo "tangled/ is not what the chapters make: commit it with them"; \
	    $(if $(CI),exit 1,:); \
	fi
	@echo "lint: nothing found"

# ---- tangle ----------------------------------------------------------------

# One stamp for all files, for a chunk may be used in any chapter; a file is written only when its
# text changes.  Without noweb we use what is committed.
TABLES := $(basename $(patsubst %.gz,%,$(wildcard chapters/data/*.csv chapters/data/*.csv.gz)))
DATA   := $(TABLES:chapters/data/%=tangled/data/%.h)

.PHONY: tangle
tangle: build/tangle.stamp $(DATA) tangled/data/labels.h ## make tangled/ from the chapters
build/tangle.stamp: $(CHAPTERS) book/tangle.awk
	@mkdir -p build tangled/exercises
	@if [ -n "$(HAVE_NOWEB)" ]; then \
	    $(NOWEB)/markup $(CHAPTERS) | awk -v out=tangled -v exercises=tangled/exercises \
	        -v there="$$(echo tangled/exercises/*)" -f book/tangle.awk; \
	else \
	    echo "noweb is not installed: using tangled/ as it is"; \
	fi
	@touch $@
$(TANGLED): build/tangle.stamp ;

# The data sets, so that a program needs no other file.
tangled/data/%.h: chapters/data/%.csv chapters/data/embed.sh
	@mkdir -p $(@D) build
	@sh chapters/data/embed.sh $< > build/$(@F).part
	@mv build/$(@F).part $@
tangled/data/%.h: chapters/data/%.csv.gz chapters/data/embed.sh
	@mkdir -p $(@D) build
	@sh chapters/data/embed.sh $< > build/$(@F).part
	@mv build/$(@F).part $@

# The numbers of the equations, so that the report of an exercise can name them.
ifneq ($(HAVE_NOWEB),)
build/labels.stamp: build/woven/stamp
	@mkdir -p tangled/data
	@awk -F '\t' 'BEGIN { \
	        print "/* The numbers of the equations, as the book prints them." \
	            "  Made with the book; do not edit. */"; \
	        print "static const char *const label_numbers[][2] = {" } \
	    $$3 == "eq" || $$3 == "def" { printf "    { \"%s\", \"(%s)\" },\n", $$1, $$2 } \
	    END { print "    { \"\", \"\" }\n};" }' build/labels.tsv > build/labels.h.part
	$(call if-changed,build/labels.h.part,tangled/data/labels.h)
	@touch $@
tangled/data/labels.h: build/labels.stamp ;
endif

# ---- compile -----------------------------------------------------------------

CC       := gcc
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla -Wformat=2
# No program reads the flags of floating point. Told so, gcc makes vectors of loops with a choice.
OPTIMIZE := -O3 -march=native -ffp-contract=off -fno-trapping-math
CFLAGS    = -std=c17 $(OPTIMIZE) $(WARNINGS) $(if $(CI),-Werror)
LDLIBS   := -lgsl -lopenblas -lz -lm

.PHONY: programs
programs: $(PROGRAMS:%=build/bin/%) ## compile the program of each chapter
build/bin/%: tangled/%.c | $(DATA)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -MF $@.d -MT $@ $< $(LDLIBS) -o $@

# The tests are compiled more often than they run, so at -Og; the other option keeps calls between
# AVX and SSE code fast, which can be eight times slower without it.
TEST_FLAGS = $(CFLAGS:-O3=-Og) $(if $(findstring clang,$(CC)),,-fexpensive-optimizations)
build/test/%: tests/%.c | build/tangle.stamp $(DATA) tangled/data/labels.h
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) -Itangled -MMD -MP -MF $@.d -MT $@ $< $(LDLIBS) -o $@
-include $(wildcard build/bin/*.d build/test/*.d build/sanitized/*.d)

# One file holds whole modules, of which a program uses a part.
UNUSED := -Wno-unused-function -Wno-unused-const-variable

.PHONY: single
single: $(PROGRAMS:%=build/single/%.c) ## write each program as one file without local includes
build/single/%.c: tangled/%.c $(wildcard tangled/*.h) $(DATA) book/single.awk
	@mkdir -p $(@D)
	@awk -f book/single.awk $< > $@.part && mv $@.part $@
	$(CC) $(CFLAGS) $(UNUSED) $@ $(LDLIBS) -o $(@:.c=)

# ---- run -----------------------------------------------------------------------

# Each program runs once.  It tells its story, part by part, and writes its tables as it goes;
# run.sh puts each part and each table into a file of build/out/, and leaves a file alone whose text
# is what it was.  WANTED_NN-name of plan.mk are the files that pages and figures need.
build/out/%.out: build/bin/% book/run.sh
	sh book/run.sh $* $(WANTED_$*)

# A transcript of another command runs by itself; plan.mk names them all.
define transcript
@mkdir -p build/out
@{ echo '$$ ./$(1)'; build/bin/$(1) 2>&1 </dev/null; } > $@.part || { cat $@.part >&2; exit 1; }
@mv $@.part $@
endef

build/values.stamp: $(PROGRAMS:%=build/out/%.out)
	@cat build/out/*-values.tsv > build/values.part
	$(call if-changed,build/values.part,build/values.tsv)
	@touch $@
build/values.tsv: build/values.stamp ;

# ---- draw ----------------------------------------------------------------------

# plan.mk says which tables a figure reads.  gnuplot does not mind a full disk, so we look.
build/fig/%.svg: figures/%.gp figures/style.gp
	@mkdir -p build/fig
	gnuplot -e "out='$@.part'" figures/style.gp $<
	@grep -q '</svg>' $@.part || { echo "$@: gnuplot did not come to its end" >&2; exit 1; }
	@mv $@.part $@
define dot
@mkdir -p build/fig
dot -Tsvg $< | sed '/^<!-- Generated by/,/-->$$/d' > $@.part
@mv $@.part $@
endef
build/fig/%.svg: figures/%.dot
	$(dot)
# A graph that a program drew: it is among the program's tables.
build/fig/%.svg: build/out/%.dot
	$(dot)
build/fig/%.pdf: build/fig/%.svg
	rsvg-convert -f pdf -o $@.part $<
	@mv $@.part $@

# ---- weave -----------------------------------------------------------------------

FRONT   := $(wildcard book/preface.md book/notation.md)
# Put together from the answers of all chapters.
ANSWERS := $(if $(CHAPTERS),$(if $(shell grep -l '^\#\#\#\# Answer' $(CHAPTERS)),answers))
BODY    := $(call list,pages) $(ANSWERS)
PAGES   := $(FRONT:book/%.md=%) $(BODY) Z-index
HTML    := $(patsubst %,build/html/%.html,index $(PAGES))
TEX     := $(PAGES:%=build/tex/%.tex)

export BUILD := build
export FORCE_SOURCE_DATE := 1

# In a draft what is not there is left out.
part = $(if $(DRAFT),$(wildcard $1),$1)

.PHONY: woven html pdf book
book: html pdf ## make the book
html: $(HTML) build/html/book.css build/html/page.js ## make build/html/index.html and its pages
html: $(patsubst build/fig/%,build/html/fig/%,$(foreach f,$(FIGURES),$(call part,build/fig/$f.svg)))
pdf: build/downhill.pdf ## make build/downhill.pdf
woven: build/woven/stamp

# The exit code of each stage counts, for finduses swallows what markup reports.
build/woven/stamp: $(CHAPTERS) $(FRONT) book/autodefs.awk book/files.awk book/weave.awk
	@mkdir -p $(@D)
	@export LC_ALL=C PATH="$$PATH:$(NOWEB)"; \
	markup $(CHAPTERS) | awk -f book/autodefs.awk | finduses | \
	    awk -v out=build/woven -v labels=build/labels.tsv -v front="$(FRONT)" \
	        -f book/files.awk -f book/weave.awk
	@touch $@

# weave.awk writes a page anew only if its text changed, so make goes on with those alone.
WOVEN := $(addprefix build/woven/,index $(PAGES))
$(WOVEN:%=%.md) $(WOVEN:%=%.refs) build/labels.tsv: build/woven/stamp ;

# What a page prints of what programs wrote is a prerequisite of the page.
ifneq (,$(filter book html pdf all check-reproducible,$(or $(MAKECMDGOALS),all)))
build/woven/deps.mk: build/woven/stamp ;
include build/woven/deps.mk
endif

PANDOC = pandoc -f markdown --fail-if-warnings --lua-filter=book/book.lua \
    -M page=$* -M refs=build/woven/$*.refs

$(HTML): build/html/%.html: build/woven/%.md build/woven/%.refs book/book.lua \
    book/mathml.lua book/template.html book/metadata.yaml
	@mkdir -p $(@D)
	@$(PANDOC) -t html5 -s --mathml --template=book/template.html \
	    --metadata-file=book/metadata.yaml $< -o $@
build/html/fig/%.svg: build/fig/%.svg
	@mkdir -p $(@D)
	@cp $< $@
build/html/book.css: book/style.css
	@mkdir -p $(@D)
	@cp $< $@
build/html/page.js: book/page.js
	@mkdir -p $(@D)
	@cp $< $@

$(TEX): build/tex/%.tex: build/woven/%.md build/woven/%.refs book/book.lua
	@mkdir -p $(@D)
	@$(PANDOC) -t latex-smart --wrap=preserve $< -o $@

build/tex/stamp: book/template.tex book/metadata.yaml build/woven/stamp
	@mkdir -p $(@D)
	@pandoc -f markdown -t latex -s --fail-if-warnings --template=book/template.tex \
	    --metadata-file=book/metadata.yaml $(FRONT:book/%.md=-V front=build/tex/%.tex) \
	    $(BODY:%=-V chapter=build/tex/%.tex) -V back=build/tex/Z-index.tex \
	    -o build/tex/downhill.part < /dev/null
	$(call if-changed,build/tex/downhill.part,build/tex/downhill.tex)
	@touch $@
build/tex/downhill.tex: build/tex/stamp ;

build/downhill.pdf: build/tex/downhill.tex $(TEX) book/latex.sh
	@sh book/latex.sh build/tex/downhill.tex $@

# ---- test ------------------------------------------------------------------------

TESTS        := $(patsubst tests/%.c,%,$(sort $(wildcard tests/*.c)))
TEST_BIN     := $(TESTS:%=build/test/%)
SCRIPT_TESTS := $(sort $(wildcard tests/*.t))

# What each test printed, for the marks beside the equations.  A test that fails stops the book: it
# must not lose a mark in silence.  A draft takes the tests that pass, and asks again next time.
build/tap/%.tap: build/test/% tests/kept.sh
	@mkdir -p $(@D)
	@sh tests/kept.sh $< > $@.out || { \
	    grep -A 6 '^not ok' $@.out >&2 || tail -n 3 $@.out >&2; \
	    echo "tests/$*.c: a test fails, so there is no book; make test says more" >&2; \
	    $(if $(DRAFT),cp $@.out $@; touch -t 200001010000 $@,rm $@.out; exit 1); }
	@rm $@.out

# label, test, number, title: for each test that passed and names an equation
build/eqtests.stamp: $(TESTS:%=build/tap/%.tap) book/eqtests.awk
	@awk -f book/eqtests.awk $(filter %.tap,$^) > build/eqtests.part
	$(call if-changed,build/eqtests.part,build/eqtests.tsv)
	@touch $@
build/eqtests.tsv: build/eqtests.stamp ;

.PHONY: test test-book
test: $(if $(CH)$(EX),,test-book) tangle ## run all tests, then check your answers (CH=3, EX=3.2)
	@$(EXERCISES) test
test-book: $(TEST_BIN) $(PROGRAMS:%=build/bin/%)
	@prove -j2 --exec 'sh tests/kept.sh' $(TEST_BIN) $(SCRIPT_TESTS)

STRICT := -std=c17 -Itangled $(WARNINGS) -Werror

.PHONY: check-compilers check-sanitized check-reproducible check-kernels
check-kernels: programs ## every program under every kernel and compiler prints the same bytes
	@KERNELS=all tests/kernels.t

check-compilers: single ## gcc and clang, -O0 and -O3, warnings are errors
	@for cc in gcc clang; do \
	    for o in -O0 '-O3 -march=native'; do \
	        for f in $(PROGRAMS:%=tangled/%.c) tangled/bench.c $(TESTS:%=tests/%.c); do \
	            echo "$$cc $(STRICT) $$o -c $$f -o /dev/null"; \
	        done; \
	        for f in $(PROGRAMS:%=build/single/%.c); do \
	            echo "$$cc $(STRICT) $(UNUSED) $$o -c $$f -o /dev/null"; \
	        done; \
	    done; \
	done | xargs -P 2 -I{} sh -c '{} || { echo "fails: {}" >&2; exit 1; }'
	@echo "both compilers are content"

SANITIZE := -std=c17 -O1 -g -Itangled $(WARNINGS) \
    -fsanitize=address,undefined -fno-sanitize-recover=undefined
build/sanitized/%: tests/%.c | build/tangle.stamp $(DATA) tangled/data/labels.h
	@mkdir -p $(@D)
	$(CC) $(SANITIZE) -MMD -MP -MF $@.d -MT $@ $< $(LDLIBS) -o $@
check-sanitized: $(TESTS:%=build/sanitized/%) ## all tests under AddressSanitizer and UBSan
	@TAP_TIMEOUT=120 prove -j2 $^

check-reproducible: book ## build the book again elsewhere, two jobs at a time, and compare
	@rm -rf build/again
	@git clone -q . build/again
	@$(MAKE) -C build/again --no-print-directory -j2 book > build/again.txt 2>&1 || { \
	    tail -20 build/again.txt; \
	    exit 1; }
	@cmp build/downhill.pdf build/again/build/downhill.pdf
	@diff -r build/html build/again/build/html
	@rm -rf build/again build/again.txt
	@echo "two builds, the same bytes"

# ---- exercises ---------------------------------------------------------------------

# The reader's answers live in answers/; CH=3 means a chapter, EX=3.2 one exercise.
EXERCISES = CC='$(CC)' CH='$(CH)' EX='$(EX)' LDLIBS='$(LDLIBS)' sh tests/exercises.sh

.PHONY: start hint solution reset progress watch check-exercises
start: tangle ## put a file for each exercise into answers/
	@$(EXERCISES) start
hint: ## EX=1.1: one hint, and one more each time
	@$(EXERCISES) hint
solution: ## EX=1.1: our answer
	@$(EXERCISES) solution
reset: ## EX=1.1: begin anew; your answer is kept aside
	@$(EXERCISES) reset
progress: ## what is solved so far
	@$(EXERCISES) progress
watch: ## check each answer when you save it; Ctrl-C stops
	@$(EXERCISES) watch
check-exercises: tangle ## stubs, our answers, and planted wrong answers
	@$(EXERCISES) check-exercises

# ---- measure -----------------------------------------------------------------------

# What is measured is committed under book/results/, headed by how it came to be.
provenance = printf '\# %s\n\# commit %s, %s, %s\n' '$(1)' "$$(git rev-parse --short HEAD)" \
    "$$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$$(date -u +%Y-%m-%d)"

.PHONY: mnist
mnist: ## download MNIST to a cache (once); MNIST_DIR names another folder
	@sh chapters/data/mnist.sh

# MNIST_DIR names the folder of MNIST; without it the cache of make mnist.
MNIST = $(or $(MNIST_DIR),$${XDG_CACHE_HOME:-$$HOME/.cache}/downhill/mnist)

# The same programs in float, for long runs.
build/fast/%: tangled/%.c | $(DATA)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -DREAL=float -MMD -MP -MF $@.d -MT $@ $< $(LDLIBS) -o $@
-include $(wildcard build/fast/*.d)
FAST := $(addprefix build/fast/,06-multilayer-perceptron 07-adam 08-training)

# $(call result,NAME,TABLE,PROGRAM ARGUMENTS): run it in float and keep the table TABLE.tsv that it
# writes as book/results/NAME.tsv, a complete file or none.
define result
@mkdir -p book/results build/kept
@build/fast/$(3) --data $(MNIST) --tsv build/kept > /dev/null
@{ $(call provenance,$(3) --data MNIST; in float$(comma) OPENBLAS_NUM_THREADS=1); \
    cat build/kept/$(2).tsv; } > build/kept/$(1).part
@mv build/kept/$(1).part book/results/$(1).tsv
@echo book/results/$(1).tsv
endef
comma := ,

.PHONY: bench experiments check-results
bench: build/bin/bench ## measure the speed tables of the book (a quarter of an hour)
	@bash tests/bench.sh $(MNIST)

LAST_RECIPE = --epochs 60 --patience 15 --watch accuracy --validation 0.16666667 --runs 3
experiments: $(FAST) ## repeat the long runs on MNIST (half an hour)
	$(call result,06-mnist,06-experiments,06-multilayer-perceptron experiments)
	$(call result,06-h1024-loss,06-curve,06-multilayer-perceptron --recipe h1024 curve)
	$(call result,07-mnist,07-mnist,07-adam --runs 5 mnist)
	$(call result,08-mnist,08-mnist,08-training $(LAST_RECIPE) mnist)

# $(call repeat,NAME,TABLE,LINES,PROGRAM ARGUMENTS): the first lines of a kept table, once more.
define repeat
@build/fast/$(4) --data $(MNIST) --tsv build/kept > /dev/null
@diff <(head -$(3) build/kept/$(2).tsv) <(grep -v '^#' book/results/$(1).tsv | head -$(3))
endef
check-results: $(FAST) ## repeat a slice of each kept table and compare (same machine and kernel)
	@mkdir -p build/kept
	$(call repeat,07-mnist,07-mnist,6,07-adam --runs 1 mnist)
	$(call repeat,06-h1024-loss,06-curve,20,06-multilayer-perceptron --recipe h1024 curve)
	@echo "the kept tables can be repeated"

.PHONY: clean
clean: ## remove build/
	rm -rf build

endif
