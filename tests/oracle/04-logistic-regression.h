/* Made by tests/oracle/04-logistic-regression.R; do not edit. */
static const double r_glm_warp_theta[] = {
    3.6919631449407935,
    -0.20598844263862101,
    -0.32132043160061058,
    -0.51848849651155993,
};
static const double r_glm_warp_error[] = {
    0.045410794342557757,
    0.051571242783575139,
    0.060265916695220273,
    0.063959519395746831,
};
static const double r_glm_warp_deviance[] = {
    210.39188876245382,
    297.37221180460534,
};
static const double r_glm_iris_theta[] = {
    -45.272343772129503,
    5.754532318887942,
    10.446699894666313,
};
static const double r_glm_iris_error[] = {
    13.611668070339727,
    2.3059123860002306,
    3.7556509235485551,
};
static const double r_glm_iris_deviance[] = {
    20.56350810339363,
    138.62943611198907,
};
static const double r_glm_cars_theta[] = {
    -17.579094890510952,
    3.9324087591240877,
};
static const double r_glm_cars_error[] = {
    6.7584401693792353,
    0.41551277665712227,
};
static const double r_glm_cars_deviance[] = {
    11353.521051094891,
    32538.98,
};
