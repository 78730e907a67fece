# One peer in R, asked by economics.py: `Rscript economics.R PACKAGE FOLDER`, then one part a line on standard input.
# Answers a line for each number, `name<TAB>value`, then `seconds<TAB>processor seconds of one repetition` and `end`.

LEAST_SECONDS <- 0.2 # of a part, repeated until then: the clock of R has a millisecond

arguments <- commandArgs(trailingOnly = TRUE)
peer <- arguments[1]
folder <- arguments[2]

say <- function(...) {
  cat(..., "\n", sep = "")
  flush(stdout())
}

table_of <- function(name) {
  path <- file.path(folder, paste0(name, ".csv"))
  if (file.exists(path)) read.csv(path, check.names = FALSE) else NULL
}

loaded <- suppressWarnings(suppressMessages(requireNamespace(peer, quietly = TRUE)))
if (!loaded) {
  say("missing")
  quit(status = 0)
}
say("version\t", as.character(packageVersion(peer)))

costs <- table_of("costs")
effects <- table_of("effects")
inputs <- table_of("parameters")
summaries <- table_of("summaries")
about <- table_of("about") # thresholds; threshold of the value of information; size of the trial and of its prior
groups <- table_of("groups")
thresholds <- about$value[about$name == "threshold"]
at <- about$value[about$name == "at"]
trial <- about$value[about$name == "n"]
prior <- about$value[about$name == "n0"]
parameters_of <- function(group) strsplit(group, "+", fixed = TRUE)[[1]]

# A grid of two thresholds at least, as some functions expect; the first place holds the threshold itself.
grid <- function(k) c(k, k + 1)

named <- function(name, value) setNames(as.list(as.numeric(value)), name)

of_groups <- function(value_of) {
  unlist(lapply(groups$group, function(group) named(paste0("EVPPI ", group), value_of(parameters_of(group)))))
}

parts_of <- list(
  BCEA = function() {
    matrix_of <- function(data) as.matrix(data)
    analysis <- function(k) suppressMessages(BCEA::bcea(matrix_of(effects), matrix_of(costs), ref = 2, k = k))
    list(
      decision = function() {
        found <- analysis(thresholds)
        c(
          named("ICER", found$ICER), named(paste0("CEAC ", thresholds), found$ceac),
          named(paste0("EVPI ", thresholds), found$evi)
        )
      },
      EVPPI = function() {
        found <- analysis(grid(at))
        of_groups(function(group) BCEA::evppi(found, group, inputs)$evppi[1])
      }
    )
  },
  voi = function() {
    outputs <- function(k) list(c = costs, e = effects, k = k)
    list(
      decision = function() named(paste0("EVPI ", thresholds), voi::evpi(outputs(thresholds))$evpi),
      EVPPI = function() of_groups(function(group) voi::evppi(outputs(grid(at)), inputs, pars = group)$evppi[1]),
      EVSI = function() {
        found <- voi::evsi(outputs(grid(at)), inputs, datagen_fn = function(inputs) summaries)
        named("EVSI", found$evsi[1])
      }
    )
  },
  dampack = function() {
    given <- function() dampack::make_psa_obj(costs, effects, inputs, names(costs))
    list(
      decision = function() {
        psa <- given()
        means <- summary(psa)
        icers <- dampack::calculate_icers(means$meanCost, means$meanEffect, means$Strategy)
        curve <- dampack::ceac(thresholds, psa)
        second <- curve[curve$Strategy == psa$strategies[2], ]
        perfect <- dampack::calc_evpi(psa, thresholds)
        c(
          named("ICER", tail(icers$ICER[icers$Status == "ND"], 1)),
          named(paste0("CEAC ", thresholds), second$Proportion[match(thresholds, second$WTP)]),
          named(paste0("EVPI ", thresholds), perfect$EVPI[match(thresholds, perfect$WTP)])
        )
      },
      EVPPI = function() {
        psa <- given()
        of_groups(function(group) {
          dampack::calc_evppi(psa, at, group, outcome = "nmb", type = "gam", progress = FALSE)[[1]]$EVPPI[1]
        })
      },
      EVSI = function() {
        found <- dampack::calc_evsi(
          given(), at, params = sub("^found_", "", names(summaries)), outcome = "nmb", n = trial, n0 = prior, progress = FALSE
        )
        named("EVSI", found[[1]]$EVSI[1])
      }
    )
  }
)

parts <- parts_of[[peer]]()
asked <- file("stdin", "r")
processor <- function() sum(proc.time()[1:2])
while (length(part <- readLines(asked, 1)) > 0) {
  if (!part %in% names(parts)) {
    say("end")
    next
  }
  started <- processor()
  repetitions <- 0
  problem <- NULL
  while (repetitions == 0 || (is.null(problem) && processor() - started < LEAST_SECONDS)) {
    found <- tryCatch(
      suppressWarnings(suppressMessages(parts[[part]]())), error = function(error) problem <<- conditionMessage(error)
    )
    repetitions <- repetitions + 1
  }
  seconds <- (processor() - started) / repetitions
  if (is.null(problem)) {
    for (name in names(found)) say(name, "\t", format(found[[name]], digits = 15))
    say("seconds\t", seconds)
  } else {
    say("failed\t", gsub("[\t\n]", " ", problem))
  }
  say("end")
}
