# The small model in hesim: `Rscript hesim_model.R params.csv PATIENTS SEED`, asked by hesim_model.py.
# Prints the processor seconds from the model's data to mean QALYs and costs, then means and variances over the patients.

if (!suppressWarnings(suppressMessages(requireNamespace("hesim", quietly = TRUE)))) {
  cat("missing\n")
  quit(status = 0)
}
suppressMessages({
  library(data.table)
  library(hesim)
})
setDTthreads(1)

arguments <- commandArgs(trailingOnly = TRUE)
transitions <- read.csv(arguments[1])
n <- as.integer(arguments[2])
set.seed(as.integer(arguments[3]))
given <- as.list(setNames(as.numeric(sub(".*=", "", arguments[-(1:3)])), sub("=.*", "", arguments[-(1:3)])))
of_states <- function(name) unlist(given[paste0(name, 1:4)])

started <- proc.time()
age <- pmin(pmax(rnorm(n, given$mean_age, given$sd_age), given$least_age), given$most_age)
patients <- data.table(
  patient_id = seq_len(n), age = age, age10 = (age - given$mean_age) / 10, female = as.numeric(runif(n) < given$p_female)
)
data <- hesim_data(
  strategies = data.table(strategy_id = 1:2, strategy_name = c("single", "multi"), mf = 0:1),
  patients = patients, states = data.table(state_id = 1:4, state_name = paste0("s", 1:4))
)

ways <- matrix(NA, 5, 5)
ways[cbind(transitions$from, transitions$to)] <- seq_len(nrow(transitions))
one <- function(value, name = "cons") matrix(value, 1, dimnames = list(NULL, name))
columns <- c("cons", "mf", "age10", "female")
parameters <- do.call(params_surv_list, lapply(seq_len(nrow(transitions)), function(i) {
  row <- transitions[i, ]
  scale <- one(c(log(row$scale), row$b_mf, row$b_age, row$b_female), columns)
  params_surv(coefs = list(shape = one(log(row$shape)), scale = scale), dist = "weibull")
}))
rows <- expand(data, by = c("strategies", "patients"))
rows[, cons := 1]
moves <- create_IndivCtstmTrans(parameters, input_data = rows, trans_mat = ways, clock = "reset", start_age = patients$age)
values <- function(per_year) {
  create_StateVals(stateval_tbl(data.table(state_id = 1:4, est = per_year), dist = "fixed"), n = 1, hesim_data = data)
}
model <- IndivCtstm$new(
  trans_model = moves, utility_model = values(of_states("utility")), cost_models = list(all = values(of_states("cost")))
)
model$sim_disease(max_t = given$horizon, max_age = 1000)
model$sim_qalys(dr = given$discount_rate)
model$sim_costs(dr = given$discount_rate)
seconds <- sum((proc.time() - started)[1:2])
model$sim_qalys(dr = given$discount_rate, by_patient = TRUE) # for the variances alone, so it is not timed
model$sim_costs(dr = given$discount_rate, by_patient = TRUE)

by_patient <- function(table, name) {
  sums <- table[, .(value = sum(get(name))), by = c("strategy_id", "patient_id")]
  wide <- dcast(sums, patient_id ~ strategy_id, value.var = "value")
  cbind(wide[["1"]], wide[["2"]], wide[["2"]] - wide[["1"]])
}
found <- list(by_patient(model$qalys_, "qalys"), by_patient(model$costs_, "costs"))
cat("version\t", as.character(packageVersion("hesim")), "\n", sep = "")
cat("seconds\t", seconds, "\n", sep = "")
for (j in 1:2) {
  cat("mean\t", paste(format(colMeans(found[[j]]), digits = 15), collapse = "\t"), "\n", sep = "")
  cat("variance\t", paste(format(apply(found[[j]], 2, var), digits = 15), collapse = "\t"), "\n", sep = "")
}
