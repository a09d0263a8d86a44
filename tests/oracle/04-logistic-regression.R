# Expected values for tests/04-logistic-regression.c, computed by R.
# Run in the root of the repository:
#   Rscript tests/oracle/04-logistic-regression.R > tests/oracle/04-logistic-regression.h
emit <- function(name, x)
    cat(sprintf("static const double %s[] = {\n%s\n};\n", name,
                paste(sprintf("    %.17g,", as.vector(x)), collapse = "\n")))
tight <- glm.control(epsilon = 1e-15, maxit = 100)
model <- function(name, fit) {
    emit(paste0(name, "_theta"), coef(fit))
    emit(paste0(name, "_error"), summary(fit)$coefficients[, 2])
    emit(paste0(name, "_deviance"), c(deviance(fit), fit$null.deviance))
}

cat("/* Made by tests/oracle/04-logistic-regression.R; do not edit. */\n")
warp <- read.csv("chapters/data/warpbreaks.csv", stringsAsFactors = TRUE)
warp$tension <- factor(warp$tension, levels = c("L", "M", "H"))
model("r_glm_warp", glm(breaks ~ wool + tension, poisson, warp, control = tight))

iris <- read.csv("chapters/data/iris.csv")
iris <- iris[iris$species != "setosa", ]
iris$y <- as.numeric(iris$species == "virginica")
model("r_glm_iris", glm(y ~ petal_length + petal_width, binomial, iris,
                    control = tight))

cars <- read.csv("chapters/data/cars.csv")
model("r_glm_cars", glm(dist ~ speed, gaussian, cars))
