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

CHAPTERS := $(sort $(wildcard chapters/[0-9]*.nw)) $(sort $(wildcard chapters/[A-Z]*.nw))
NAMES    := $(patsubst chapters/%.nw,%,$(CHAPTERS))
PROGRAMS := $(patsubst chapters/%.nw,%,$(wildcard chapters/[0-9]*.nw))
NOWEB    := /usr/lib/noweb

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "make %-16s %s\n", $$1, $$2 }' build.mk

# ---- setup ---------------------------------------------------------------

# command:package, for what make book and make test use
DEBIAN := gcc:gcc git:git notangle:noweb gawk:gawk pandoc:pandoc lualatex:texlive-luatex \
    gnuplot:gnuplot-nox dot:graphviz rsvg-convert:librsvg2-bin prove:perl pdftotext:poppler-utils curl:curl
DEBIAN_FILES := /usr/include/gsl/gsl_blas.h:libgsl-dev /usr/include/zlib.h:zlib1g-dev \
    /usr/share/doc/libopenblas-dev:libopenblas-dev \
    /usr/share/texlive/texmf-dist/tex/latex/koma-script/scrbook.cls:texlive-latex-recommended \
    /usr/share/texlive/texmf-dist/tex/latex/pgf/frontendlayer/tikz.sty:texlive-pictures \
    /usr/share/texmf/fonts/opentype/public/tex-gyre/texgyrepagella-regular.otf:fonts-texgyre \
    /usr/share/texmf/fonts/opentype/public/tex-gyre-math/texgyrepagella-math.otf:fonts-texgyre-math \
    /usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf:fonts-dejavu-core \
    /usr/share/texmf/fonts/opentype/public/lm/lmroman10-regular.otf:lmodern
DNF  := gcc git noweb gawk pandoc texlive-scheme-basic texlive-luatex texlive-koma-script texlive-unicode-math \
    texlive-fancyvrb texlive-framed texlive-pgf tex-gyre-fonts texlive-tex-gyre-math dejavu-sans-mono-fonts gnuplot graphviz librsvg2-tools \
    perl-Test-Harness poppler-utils curl gsl-devel openblas-devel zlib-devel
BREW := gawk noweb pandoc gnuplot graphviz librsvg poppler gsl openblas texlive

.PHONY: setup check-tools
setup: ## install what is missing (apt; dnf and brew too), after saying what
	@if command -v apt-get >/dev/null; then \
	    need=; \
	    for t in $(DEBIAN); do command -v "$${t%%:*}" >/dev/null || need="$$need $${t##*:}"; done; \
	    for t in $(DEBIAN_FILES); do [ -e "$${t%%:*}" ] || need="$$need $${t##*:}"; done; \
	    if [ -z "$$need" ]; then echo "Nothing is missing."; exit 0; fi; \
	    echo "Installing with apt-get:$$need"; \
	    sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	    $$sudo apt-get update -q; \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$need; \
	elif command -v dnf >/dev/null; then \
	    echo "Installing with dnf: $(DNF)"; \
	    sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; $$sudo dnf install -y $(DNF); \
	elif command -v brew >/dev/null; then \
	    echo "Installing with brew: $(BREW)"; brew install $(BREW); \
	else \
	    echo "No apt-get, dnf or brew here. Please install: $(DNF)"; exit 1; \
	fi

check-tools: ## say which tools are here, with their versions
	@for t in $(DEBIAN); do c=$${t%%:*}; \
	    if command -v "$$c" >/dev/null; then \
	        v=$$( { case $$c in notangle) dpkg-query -W -f '$${Version}\n' noweb;; dot) dot -V 2>&1;; pdftotext) pdftotext -v 2>&1;; \
	            *) "$$c" --version 2>&1;; esac; } 2>/dev/null | grep -m1 '[0-9]' || echo 'version unknown'); \
	        printf '%-14s %s\n' "$$c" "$$v"; \
	    else printf '%-14s MISSING (Debian: %s)\n' "$$c" "$${t##*:}"; fi; done
	@for t in $(DEBIAN_FILES); do [ -e "$${t%%:*}" ] || printf '%-14s MISSING\n' "$${t##*:}"; done

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

# build/plan.mk lists what each chapter tangles, runs and draws.
build/plan.mk: $(CHAPTERS) book/plan.awk build.mk
	@mkdir -p build
	@awk -f book/plan.awk $(CHAPTERS) > $@.part && mv $@.part $@

ifneq ($(filter-out help check-tools clean mnist,$(or $(MAKECMDGOALS),help)),)
-include build/plan.mk
endif

# ---- lint ------------------------------------------------------------------

.PHONY: lint
lint: tangle build/eqtests.tsv ## look for mistakes in the chapters; each with file and line
	@gawk -f book/lint.awk build/eqtests.tsv $(CHAPTERS)
	@if git rev-parse --git-dir >/dev/null 2>&1 && [ -n "$$(git status --porcelain tangled)" ]; then \
	    git status --porcelain tangled; echo "tangled/ is not what the chapters make: commit it with them"; \
	    $(if $(CI),exit 1,:); fi
	@echo "lint: nothing found"

# ---- tangle ----------------------------------------------------------------

# One stamp for all files, for a chunk may be used in any chapter; a file is
# replaced only when its text changes.  Without noweb we use what is committed.
TANGLED += $(patsubst chapters/data/%.csv,tangled/%.h,$(wildcard chapters/data/*.csv)) tangled/digits.h

.PHONY: tangle
tangle: build/tangle.stamp ## make tangled/ from the chapters
HAVE_NOWEB := $(shell command -v notangle)
build/tangle.stamp: $(CHAPTERS) build/plan.mk chapters/data/embed.sh $(wildcard chapters/data/*.csv) $(if $(HAVE_NOWEB),build/woven/stamp)
	@mkdir -p build tangled
	@if [ -n "$(HAVE_NOWEB)" ]; then \
	    for f in $(TANGLED_ROOTS); do \
	        notangle -R"$$f" $(CHAPTERS) > build/tangle.part || { echo "cannot tangle $$f" >&2; exit 1; }; \
	        cmp -s build/tangle.part "tangled/$$f" || { cp build/tangle.part "tangled/$$f"; echo "tangled/$$f"; }; \
	    done; \
	    for d in chapters/data/*.csv; do n=$$(basename "$$d" .csv); \
	        sh chapters/data/embed.sh "$$n" < "$$d" > build/tangle.part; \
	        cmp -s build/tangle.part "tangled/$$n.h" || cp build/tangle.part "tangled/$$n.h"; done; \
	    sh tests/exercises.sh tangle; \
	    gzip -dc chapters/data/digits.csv.gz | tr -d '\r' | sh chapters/data/embed.sh digits > build/tangle.part; \
	    cmp -s build/tangle.part tangled/digits.h || cp build/tangle.part tangled/digits.h; \
	    awk -F '\t' 'BEGIN { print "/* The numbers of the equations, as the book prints them.  Made with the book; do not edit. */"; \
	            print "static const char *const label_numbers[][2] = {" } \
	        $$3 == "eq" || $$3 == "def" { printf "    { \"%s\", \"(%s)\" },\n", $$1, $$2 } \
	        END { print "    { \"\", \"\" }\n};" }' build/labels.tsv > build/tangle.part; \
	    cmp -s build/tangle.part tangled/labels.h || cp build/tangle.part tangled/labels.h; \
	    rm -f build/tangle.part; \
	else echo "noweb is not installed: using tangled/ as it is"; fi
	@touch $@
$(TANGLED): build/tangle.stamp ;

# ---- compile -----------------------------------------------------------------

CC       := gcc
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla -Wformat=2
OPTIMIZE := -O3 -march=native -ffp-contract=off
CFLAGS    = -std=c17 $(OPTIMIZE) $(WARNINGS) $(if $(CI),-Werror)
LDLIBS   := -lgsl -lopenblas -lz -lm

.PHONY: programs
programs: $(PROGRAMS:%=build/bin/%) ## compile the program of each chapter
build/bin/%: tangled/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -MF $@.d -MT $@ $< $(LDLIBS) -o $@

build/test/%: tests/%.c | build/tangle.stamp
	@mkdir -p $(@D)
	$(CC) $(filter-out -O3,$(CFLAGS)) -O1 -g -Itangled -MMD -MP -MF $@.d -MT $@ $< $(LDLIBS) -o $@
-include $(wildcard build/bin/*.d build/test/*.d)

# One file holds whole modules, of which a program uses a part.
UNUSED := -Wno-unused-function -Wno-unused-const-variable

.PHONY: single
single: $(PROGRAMS:%=build/single/%.c) ## write each program as one file without local includes
build/single/%.c: tangled/%.c $(wildcard tangled/*.h) book/single.awk
	@mkdir -p $(@D)
	@awk -f book/single.awk $< > $@.part && mv $@.part $@
	$(CC) $(CFLAGS) $(UNUSED) $@ $(LDLIBS) -o $(@:.c=)

# ---- run -----------------------------------------------------------------------

# A transcript is the command and what it printed; plan.mk names them all.
define transcript
@mkdir -p build/out
@{ echo '$$ ./$(1)'; build/bin/$(1) 2>&1 </dev/null; } > $@.part || { cat $@.part >&2; exit 1; }
@mv $@.part $@
endef

# The tables of a program: one stamp, for nobody knows how many it writes.
build/out/%.tables: build/bin/%
	@mkdir -p build/out
	build/bin/$* --tsv build/out </dev/null
	@touch $@

build/values.stamp: $(PROGRAMS:%=build/out/%.tables)
	@cat build/out/*-values.tsv > build/values.part
	$(call if-changed,build/values.part,build/values.tsv)
	@touch $@
build/values.tsv: build/values.stamp ;

# ---- draw ----------------------------------------------------------------------

# plan.mk says which program's tables a figure needs.
build/fig/%.svg: figures/%.gp figures/style.gp
	@mkdir -p build/fig
	gnuplot -e "out='$@.part'" figures/style.gp $<
	@mv $@.part $@
build/fig/%.svg: figures/%.dot
	@mkdir -p build/fig
	dot -Tsvg $< | sed '/^<!-- Generated by/,/-->$$/d' > $@.part
	@mv $@.part $@
# A graph that a program drew: it is among the program's tables.
build/fig/%.svg: build/out/%.dot
	@mkdir -p build/fig
	dot -Tsvg $< | sed '/^<!-- Generated by/,/-->$$/d' > $@.part
	@mv $@.part $@
build/fig/%.pdf: build/fig/%.svg
	rsvg-convert -f pdf -o $@.part $<
	@mv $@.part $@

# ---- weave -----------------------------------------------------------------------
#   make pdf      build/downhill.pdf            make book    both

FRONT   := $(wildcard book/preface.md book/notation.md)
NW      := $(sort $(wildcard chapters/*.nw))
# Appendix C is put together from the answers of all chapters and stands in its place in the alphabet.
ANSWERS := $(if $(NW),$(if $(shell grep -l '^\#\#\#\# Answer' $(NW)),C-answers))
BODY    := $(sort $(NW:chapters/%.nw=%) $(ANSWERS))
PAGES   := $(FRONT:book/%.md=%) $(BODY) Z-index
HTML    := $(patsubst %,build/html/%.html,index $(PAGES))
TEX     := $(PAGES:%=build/tex/%.tex)

export BUILD := build
export FORCE_SOURCE_DATE := 1

.PHONY: woven html pdf book
book: html pdf
woven: build/woven/stamp
html: $(HTML) build/html/book.css build/html/page.js
pdf: build/downhill.pdf

# The exit code of each stage counts, for finduses swallows what markup reports.
build/woven/stamp: $(NW) $(FRONT) book/autodefs.awk book/weave.awk
	@mkdir -p $(@D)
	@bash -c 'set -o pipefail; export LC_ALL=C PATH="$$PATH:$(NOWEB)"; \
	    markup $(NW) | awk -f book/autodefs.awk | finduses | \
	    awk -v out=build/woven -v labels=build/labels.tsv -v front="$(FRONT)" -f book/weave.awk'
	@touch $@

# weave.awk writes a page anew only if its text changed, so make goes on with those alone.
$(patsubst %,build/woven/%.md,index $(PAGES)) $(patsubst %,build/woven/%.refs,index $(PAGES)) build/labels.tsv: build/woven/stamp ;

# What a page prints of what programs wrote is a prerequisite of the page; a draft goes without what is not there.
part = $(if $(DRAFT),$(wildcard $1),$1)
ifneq (,$(filter book html pdf all check-reproducible,$(or $(MAKECMDGOALS),all)))
build/woven/deps.mk: build/woven/stamp ;
include build/woven/deps.mk
endif

PANDOC = pandoc -f markdown --fail-if-warnings --lua-filter=book/book.lua -M page=$* -M refs=build/woven/$*.refs

$(HTML): build/html/%.html: build/woven/%.md build/woven/%.refs book/book.lua book/mathml.lua book/template.html book/metadata.yaml
	@mkdir -p $(@D)/fig
	@$(PANDOC) -t html5 -s --mathml --template=book/template.html --metadata-file=book/metadata.yaml $< -o $@
	@for f in $(filter %.svg,$^); do cp $$f build/html/fig/; done
build/html/book.css: book/style.css
	@mkdir -p $(@D)
	@cp $< $@
build/html/page.js: book/page.js
	@mkdir -p $(@D)
	@cp $< $@

$(TEX): build/tex/%.tex: build/woven/%.md build/woven/%.refs book/book.lua
	@mkdir -p $(@D)
	@$(PANDOC) -t latex-smart --wrap=preserve $< -o $@

build/tex/downhill.tex: book/template.tex book/metadata.yaml book/code.theme build/woven/stamp
	@mkdir -p $(@D)
	@echo '`int`{.c}' | pandoc -f markdown -t latex -s --fail-if-warnings --template=book/template.tex --metadata-file=book/metadata.yaml \
	    --highlight-style=book/code.theme $(FRONT:book/%.md=-V front=build/tex/%.tex) \
	    $(BODY:%=-V chapter=build/tex/%.tex) -V back=build/tex/Z-index.tex -o $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# LaTeX is run until the table of contents and the references stand still.
build/downhill.pdf: build/tex/downhill.tex $(TEX) book/latex.sh
	@sh book/latex.sh build/tex/downhill.tex $@
# ---- test ------------------------------------------------------------------------

TESTS    := $(patsubst tests/%.c,%,$(sort $(wildcard tests/*.c)))
TEST_BIN := $(TESTS:%=build/test/%)

# What each test printed, for the marks beside the equations.
build/tap/%.tap: build/test/%
	@mkdir -p $(@D)
	@build/test/$* > $@.part 2>build/tap/$*.err </dev/null || { grep -A 6 '^not ok' $@.part >&2; echo "a test of tests/$*.c fails; make test says more" >&2; }
	@mv $@.part $@

# label, test, number, title: for each test that passed and names an equation
build/eqtests.stamp: $(TESTS:%=build/tap/%.tap)
	@gawk 'FNR == 1 { test = FILENAME; sub(/.*\//, "", test); sub(/\.tap$$/, "", test) } \
	    /^ok [0-9]+ - \[eq:/ { n = $$2; title = $$0; sub(/^ok [0-9]+ - /, "", title); rest = title; \
	        while (match(title, /^\[eq:[^]]*\] */)) { \
	            label[++k] = substr(title, 2, index(title, "]") - 2); title = substr(title, RLENGTH + 1) } \
	        for (i = 1; i <= k; i++) print label[i] "\t" test "\t" n "\t" title; k = 0 }' $^ > build/eqtests.part
	$(call if-changed,build/eqtests.part,build/eqtests.tsv)
	@touch $@
build/eqtests.tsv: build/eqtests.stamp ;

SCRIPT_TESTS := $(sort $(wildcard tests/*.t))

.PHONY: test test-book
test: $(if $(CH)$(EX),,test-book) test-exercises ## run all tests, then check your answers (CH=3 or EX=3.2: only those)
test-book: $(TEST_BIN) $(PROGRAMS:%=build/bin/%)
	@prove -j2 $(TEST_BIN) $(SCRIPT_TESTS)

STRICT := -std=c17 -Itangled $(WARNINGS) -Werror

.PHONY: check-compilers check-sanitized check-reproducible
check-compilers: single ## gcc and clang, -O0 and -O3, warnings are errors
	@for cc in gcc clang; do for o in -O0 '-O3 -march=native'; do \
	    for f in $(PROGRAMS:%=tangled/%.c) $(TESTS:%=tests/%.c); do \
	        echo "$$cc $(STRICT) $$o -c $$f -o /dev/null"; done; \
	    for f in $(PROGRAMS:%=build/single/%.c); do \
	        echo "$$cc $(STRICT) $(UNUSED) $$o -c $$f -o /dev/null"; done; done; done | xargs -P 2 -I{} sh -c '{} || { echo "fails: {}" >&2; exit 1; }'
	@echo "both compilers are content"

SANITIZE := -std=c17 -O1 -g -Itangled $(WARNINGS) -fsanitize=address,undefined -fno-sanitize-recover=undefined
build/sanitized/%: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(SANITIZE) -MMD -MP -MF $@.d -MT $@ $< $(LDLIBS) -o $@
check-sanitized: $(TESTS:%=build/sanitized/%) ## all tests under AddressSanitizer and UBSan
	@TAP_TIMEOUT=120 prove -j2 $^

check-reproducible: book ## build the book again elsewhere and compare
	@rm -rf build/again && git clone -q . build/again
	@$(MAKE) -C build/again --no-print-directory book > build/again.txt 2>&1 || { tail -20 build/again.txt; exit 1; }
	@cmp build/downhill.pdf build/again/build/downhill.pdf
	@diff -r build/html build/again/build/html
	@rm -rf build/again build/again.txt
	@echo "two builds, the same bytes"

# ---- exercises ---------------------------------------------------------------------

# The reader's answers live in answers/; CH=3 means a chapter, EX=3.2 one exercise.
EXERCISES = CC='$(CC)' CH='$(CH)' EX='$(EX)' LDLIBS='$(LDLIBS)' sh tests/exercises.sh

.PHONY: start hint solution reset progress watch test-exercises check-exercises
start: build/tangle.stamp ## put a file for each exercise into answers/
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
test-exercises: build/tangle.stamp
	@$(EXERCISES) test
check-exercises: build/tangle.stamp ## stubs, our answers, and planted wrong answers
	@$(EXERCISES) check-exercises

# ---- measure -----------------------------------------------------------------------

# What is measured is committed under book/results/, headed by how it came to be.
provenance = printf '\# %s\n\# commit %s, %s, %s\n' '$(1)' "$$(git rev-parse --short HEAD)" \
    "$$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$$(date -u +%Y-%m-%d)"

.PHONY: mnist
mnist: ## download MNIST to a cache (once); MNIST_DIR names another folder
	@sh chapters/data/mnist.sh

# $(call result,NAME,PROGRAM ARGUMENTS): run it and keep what it prints as
# book/results/NAME.tsv, a complete file or none.
define result
@mkdir -p book/results
@{ $(call provenance,$(2)); build/bin/$(2); } > build/result.part
@mv build/result.part book/results/$(1).tsv
@echo book/results/$(1).tsv
endef

.PHONY: bench experiments check-results
bench: programs ## measure the speed tables of the book (a minute)
	$(call result,01-memory,01-tensors bench)
	@if [ -d "$(MNIST)" ] && python3 -c 'import torch' 2>/dev/null; then \
	    { $(call provenance,tests/oracle/06-peers.py MNIST: one thread each); python3 tests/oracle/06-peers.py $(MNIST); } > build/result.part && \
	    mv build/result.part book/results/06-speed.tsv && echo book/results/06-speed.tsv; \
	else echo "06-speed needs MNIST and PyTorch: left as it is"; fi

# MNIST_DIR names the folder of MNIST; without it the cache of make mnist.
MNIST = $(or $(MNIST_DIR),$${XDG_CACHE_HOME:-$$HOME/.cache}/downhill/mnist)
experiments: programs ## repeat the long runs on MNIST (half an hour)
	$(call result,06-mnist,06-multilayer-perceptron --data $(MNIST) experiments)
	$(call result,06-h1024-loss,06-multilayer-perceptron --data $(MNIST) --net h1024 curve)
	$(call result,07-mnist,07-adam --data $(MNIST) mnist)
	$(call result,08-mnist,08-training --data $(MNIST) --epochs 60 --patience 15 --watch accuracy --validation 0.16666667 --runs 3 mnist)
	@sed -i 's|--data [^ ]*|--data MNIST|' book/results/*.tsv

check-results: programs ## repeat a slice of each kept table and compare
	@build/bin/01-tensors bench | cut -f 4 | diff - <(grep -v '^#' book/results/01-memory.tsv | cut -f 4)
	@if [ -d "$(MNIST)" ]; then \
	    build/bin/07-adam --data $(MNIST) --runs 1 mnist 2>/dev/null | diff - <(grep -v '^#' book/results/07-mnist.tsv | head -6); \
	    build/bin/06-multilayer-perceptron --data $(MNIST) --net h1024 curve | sed -n 1,20p \
	        | diff - <(grep -v '^#' book/results/06-h1024-loss.tsv | head -20); \
	    echo "the kept tables can be repeated"; \
	else echo "without MNIST only 01-memory was repeated"; fi

.PHONY: clean
clean: ## remove build/
	rm -rf build

endif
