# Expected values for tests/03-linear-regression.c, computed by R.
# Run in the root of the repository:
#   Rscript tests/oracle/03-linear-regression.R > tests/oracle/03-linear-regression.h
emit <- function(name, x)
    cat(sprintf("static const double %s[] = {\n%s\n};\n", name,
                paste(sprintf("    %.17g,", as.vector(x)), collapse = "\n")))
rows <- function(X) as.vector(t(X))                 # row by row, as C does

cat("/* Made by tests/oracle/03-linear-regression.R; do not edit. */\n")
cars <- read.csv("chapters/data/cars.csv")
fit <- lm(dist ~ speed, cars)
s <- summary(fit)
emit("r_cars_theta", coef(fit))
emit("r_cars_error", s$coefficients[, 2])
emit("r_cars_t", s$coefficients[, 3])
emit("r_cars_p", s$coefficients[, 4])
emit("r_cars_sigma_r2", c(s$sigma, s$r.squared))
emit("r_cars_hat_diagonal", hatvalues(fit))
emit("r_cars_mean_sd", c(mean(cars$speed), sd(cars$speed)))

iris <- read.csv("chapters/data/iris.csv")
fit <- lm(petal_width ~ sepal_length + sepal_width + petal_length, iris)
X <- model.matrix(fit)
emit("r_iris_theta", coef(fit))
emit("r_iris_error", summary(fit)$coefficients[, 2])
emit("r_iris_singular", svd(X)$d)
emit("r_iris_curvature", rev(eigen(crossprod(X) / nrow(X))$values))

# Seven rows of two columns; ridge as least squares of a longer system.
X <- cbind(c(0.731, -1.284, 2.385, 0.092, -0.517, 1.663, -2.041),
           c(1.917, 0.366, -0.845, 2.268, -1.392, 0.154, 0.713))
y <- c(1.249, -3.618, 4.377, 0.581, -2.906, 3.142, -5.873)
emit("r_X", rows(X))
emit("r_y", y)
X <- cbind(1, X)
emit("r_theta", qr.solve(X, y))
ridge <- 0.37
longer <- rbind(X, sqrt(7 * ridge) * diag(c(0, 1, 1)))
emit("r_ridge_theta", qr.solve(longer, c(y, 0, 0, 0)))

# A third column 2 x1: the shortest solution, by the pseudo-inverse.
Z <- cbind(X, 2 * X[, 2])
d <- svd(Z)
k <- d$d > 1e-10
emit("r_shortest", d$v[, k] %*% ((t(d$u[, k]) %*% y) / d$d[k]))

# A polynomial of degree 4 through the seven rows' first column.
emit("r_poly_theta", coef(lm(y ~ poly(X[, 2], 4, raw = TRUE))))
